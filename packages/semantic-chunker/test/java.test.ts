import { expect, it } from "vitest";
import { unitsOf } from "./units-of.ts";

it("Java units lie in their package and type", async () => {
  const text = `\
/* Copyright */
package com.acme.store;

import java.util.List;
import static org.junit.Assert.*;

/** Keeps things. */
@Entity
public class Store<T> extends Base implements Closeable {
  private final List<T> items;

  /** Opens it. */
  public Store(List<T> items) {
    this.items = items;
  }

  @Override
  public void close() {}

  @Test
  @DisplayName("opens (twice)")
  void opens() {}

  abstract int size();

  enum Side {
    LEFT, RIGHT;

    Side other() {
      return LEFT;
    }
  }

  interface Visitor {
    void visit(int x);
    default void end() {}
  }
}
record Point(int x, int y) {
  Point {
    check(x);
  }
}
@interface Slow {
  int value() default 1;
}
`;
  const scope = "com::acme::store";
  expect(await unitsOf("java", text)).toEqual([
    `use ${scope} 2-5`,
    `class ${scope}::Store 7-38`,
    `method ${scope}::Store::Store 12-15`,
    `method ${scope}::Store::close 17-18`,
    `test ${scope}::Store::opens 20-22 *`,
    `enum ${scope}::Store::Side 26-32`,
    `method ${scope}::Store::Side::other 29-31`,
    `interface ${scope}::Store::Visitor 34-37`,
    `method ${scope}::Store::Visitor::end 36`,
    `class ${scope}::Point 39-43`,
    `method ${scope}::Point::Point 40-42`,
    `interface ${scope}::Slow 44-46`,
    `comment ${scope} 1`,
  ]);
});

it("Java tests are also those of JUnit 3", async () => {
  const text = `\
class StoreTest extends TestCase {
  public void testOpens() {}
  private void open() {}
}
class Store {
  boolean testOnly() { return true; }
}
`;
  expect(await unitsOf("java", text)).toEqual([
    "class StoreTest 1-4 *",
    "test StoreTest::testOpens 2 *",
    "method StoreTest::open 3 *",
    "class Store 5-7",
    "method Store::testOnly 6",
  ]);
});
