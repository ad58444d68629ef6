import { describe, expect, it } from "vitest";
import { unitsOf } from "./units-of.ts";

describe("Go units", () => {
  it("are declarations, with methods under their receiver's type", async () => {
    const text = `\
// Copyright 2020

// Package store keeps things.
package store

import "fmt"

import (
	"os"
)

// Store keeps.
type Store[K comparable] struct {
	items map[K]int
}

type (
	// Opener opens.
	Opener interface{ Open() error }
	ID = int
)

const Max = 10 // at most
const (
	Red = iota
	Green
)

var (
	ErrGone = fmt.Errorf("gone")
)

func New() *Store[int] { return nil }

// Open opens.
//
//nolint:errcheck
func (s *Store[K]) Open() error {
	return nil
}

func (ID) String() string { return "" }
`;
    expect(await unitsOf("go", text)).toEqual([
      "use 4-10",
      "struct Store 12-15",
      "interface Opener 18-19",
      "type ID 20",
      "const Max 23",
      "const Red 24-27",
      "variable ErrGone 29-31",
      "function New 33",
      "method Store::Open 35-40",
      "method ID::String 42",
      "comment 1-3",
      "code 17",
      "code 21",
    ]);
  });

  it("are tests where go test would find them", async () => {
    const text = `\
package store

func TestOpen(t *testing.T) {}
func BenchmarkOpen(b *testing.B) {}
func FuzzOpen(f *testing.F) {}
func ExampleStore_Open() {}
func TestMain(m *testing.M) {}
func Testify(t *testing.T) {}
func TestOnly(name string) bool { return false }
`;
    expect(await unitsOf("go", text)).toEqual([
      "use 1",
      "test TestOpen 3 *",
      "test BenchmarkOpen 4 *",
      "test FuzzOpen 5 *",
      "test ExampleStore_Open 6 *",
      "test TestMain 7 *",
      "function Testify 8",
      "function TestOnly 9",
    ]);
  });

  it("are none in what is not Go", async () => {
    const prose = "# Title\n\nSome text, that isn't code.\n".repeat(50);
    expect(await unitsOf("go", prose)).toBe("not_parsed");
  });
});
