import type { LinkedFile, LinkLanguage } from "./link-language.ts";
import { usePaths } from "./use-paths.ts";

/** Crates that no repository but one has. */
const STANDARD = new Set(["std", "core", "alloc", "proc_macro"]);

/** Modules below the crate's name under which its further targets lie. */
const TARGETS = new Set(["bin", "tests", "benches", "examples"]);

const DECLARATION = /\bmod\s+(?:r#)?(\w+)\s*[;{]/g;

/** Inline modules, types and variants that may follow the module of a file in a path. */
const MAX_INSIDE = 3;

/** Rust: by modules, also those of other crates in the repository. */
export const rust: LinkLanguage = {
  name: "rust",
  kinds: new Set(["use", "module"]),
  namesOf: ({ modules }) => [modules.join("::")],
  importsOf(file) {
    const texts = file.texts.map(({ text, scope }) => ({
      text,
      around: [...file.modules, ...scope],
      declared: Array.from(text.matchAll(DECLARATION), ([, name = ""]) => name),
    }));
    const children = new Set(
      texts.flatMap(({ around, declared }) => declared.map((name) => [...around, name].join("::"))),
    );
    return texts.flatMap(({ text, around, declared }) => {
      // Tests share modules beside them, which are called after no one of them.
      const owners = isRoot(around) ? [around, around.slice(0, 2)] : [around];
      return [
        ...declared.map((name) => owners.map((owner) => [...owner, name].join("::"))),
        ...usePaths(text).map((path) => meanings(path, around, children, file)),
      ];
    });
  },
};

/**
 * Modules that a path may mean, or lie in.
 *
 * @param children modules that the file declares, by which a path may begin.
 */
function meanings(
  path: string[],
  around: string[],
  children: ReadonlySet<string>,
  file: LinkedFile,
): string[] {
  const [first = "", ...rest] = path;
  if (STANDARD.has(first)) return [];
  if (first === "crate") return rootsOf(file).flatMap((root) => within([...root, ...rest], 1));
  if (first === "self") return within([...around, ...rest], 1);
  if (first === "super") {
    const below = rest.filter((part) => part !== "super");
    const levels = 1 + rest.length - below.length;
    return within([...around.slice(0, -levels), ...below], 1);
  }
  if (children.has([...around, first].join("::"))) return within([...around, ...path], 1);
  // Another crate; or, in the first edition, a module below the root.
  const below = rootsOf(file).flatMap((root) => within([...root, ...path], root.length + 1));
  return [...within(path, 1), ...below];
}

/** What `crate` means: the root of the target that the file belongs to, or the crate's. */
function rootsOf({ modules }: LinkedFile): string[][] {
  const target = modules.slice(0, 3);
  const crate = modules.slice(0, 1);
  return isRoot(target) ? [target, modules.slice(0, 2), crate] : [crate];
}

/** Whether a path is that of a target other than the library, such as `crate::tests::name`. */
const isRoot = (path: readonly string[]) => path.length === 3 && TARGETS.has(path[1] ?? "");

/** A path and those around it, the longest first. */
function within(path: string[], least: number): string[] {
  const found: string[] = [];
  for (let length = path.length; length >= least; length -= 1) {
    if (path.length - length > MAX_INSIDE) break;
    // Types and variants begin with a capital letter, modules do not.
    if (length > 1 && /^\p{Lu}/u.test(path[length - 1] ?? "")) continue;
    found.push(path.slice(0, length).join("::"));
  }
  return found;
}
