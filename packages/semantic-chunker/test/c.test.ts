import { describe, expect, it } from "vitest";
import { unitsOf } from "./units-of.ts";

describe("C units", () => {
  it("are declarations, also between conditions of the preprocessor", async () => {
    const text = `\
/* Licence */
#include <stdio.h>
#include "cache.h"

#define MAX(a, b) \\
	((a) > (b) ? (a) : (b))
#define LIMIT 10 /* bytes */
#ifdef _WIN32
static int is_windows = 1;
#else
static int is_windows;
#endif

struct object;
/* What is kept. */
struct object {
	struct { int a; } inner;
	unsigned used : 1;
};
typedef struct {
	int x;
} point_t;
typedef int (*compare_fn)(const void *, const void *);
enum color { RED, GREEN };
union bits { int i; float f; };

static const char *const names[] = {
	"a",
};
int (*hook)(int);
extern int parse(const char *text, int *result);

/*
 * Parses.
 */
static struct object *parse_all(int argc,
				char **argv)
{
	return NULL;
}
DEFINE_LIST(objects);
`;
    expect(await unitsOf("c", text)).toEqual([
      "use 2-3",
      "macro MAX 5-6",
      "macro LIMIT 7",
      "variable is_windows 9",
      "variable is_windows 11",
      "type object 14",
      "struct object 15-19",
      "struct point_t 20-22",
      "type compare_fn 23",
      "enum color 24",
      "union bits 25",
      "const names 27-29",
      "variable hook 30",
      "declaration parse 31",
      "function parse_all 33-40",
      "comment 1",
      "code 8",
      "code 10",
      "code 12",
      "code 41",
    ]);
  });

  it("are found in a header for both C and C++", async () => {
    const text = `\
#ifndef A_H
#define A_H
#ifdef __cplusplus
extern "C" {
#endif

int a(void);

#ifdef __cplusplus
}
#endif
#endif
`;
    expect(await unitsOf("c", text)).toEqual([
      "macro A_H 2",
      "declaration a 7",
      "code 1",
      "code 3-5",
      "code 9-12",
    ]);
  });
});
