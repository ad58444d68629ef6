import { expect, it } from "vitest";
import { unitsOf } from "./units-of.ts";

it("shell units are functions, tests and what stands between them", async () => {
  const text = `\
#!/bin/sh
# Tests the store.

. ./test-lib.sh
source "$LIB"

NAME=store
export NAME

# Opens it.
open_store () {
	test -f "$1"
}
function close { :; }

test_expect_success 'opens' '
	open_store a
'
test_expect_failure PIPE "closes $NAME" '
	close
'
if test -n "$NAME"
then
	helper () {
		cat <<-EOF
		function no { }
		EOF
	}
fi
test_done
`;
  expect(await unitsOf("shell", text)).toEqual([
    "use 4-5",
    "function open_store 10-13",
    "function close 14",
    "test opens 16-18 *",
    "test closes $NAME 19-21 *",
    "function helper 24-28",
    "comment 1-2",
    "code 7-8",
    "code 22-23",
    "code 29-30",
  ]);
});
