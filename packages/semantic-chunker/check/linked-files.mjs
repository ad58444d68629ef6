/**
 * Compares the imports of all TypeScript and JavaScript files of a revision with what TypeScript's own
 * resolution gives, and of all Python files with what Python's own parser reads. Nothing of the
 * chunker's is used but its output.
 *
 *     node check/linked-files.mjs REPOSITORY [REVISION]
 *
 * A chunk names at most 8 files, and imports at the head of a file: each that it names must be
 * right, and none may be missing of a file that imports no more. TypeScript comes from npm, into a
 * temporary folder; Python is `python3`. The revision is cut as the only commit of a history.
 */
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join, relative } from "node:path";
import { checkOut, chunkRevision, run, temporaryFolder } from "./chunk-revision.mjs";

const MAX_LINKED = 8;
const EXTENSIONS = ["ts", "mts", "cts", "tsx", "js", "mjs", "cjs", "jsx", "py", "pyi"];

const [repository, revision = "HEAD"] = process.argv.slice(2);
if (!repository) {
  console.error("Usage: node check/linked-files.mjs REPOSITORY [REVISION]");
  process.exit(2);
}
const tree = temporaryFolder();
const wanted = new RegExp(`\\.(${EXTENSIONS.join("|")})$|(^|/)package\\.json$`);
const paths = checkOut(repository, revision, wanted, tree);
const scripts = paths.filter((path) => /\.[cm]?[jt]sx?$/.test(path));
const modules = paths.filter((path) => /\.pyi?$/.test(path));
const expected = new Map([
  ...(scripts.length > 0 ? scriptImports() : []),
  ...(modules.length > 0 ? pythonImports() : []),
]);

const said = new Map();
for (const chunk of chunkRevision(repository, revision, [...EXTENSIONS, "json"].join())) {
  said.set(chunk.file_path, chunk.linked_files?.imports ?? []);
}
let [files, named, right, asked, found] = [0, 0, 0, 0, 0];
for (const [path, imports] of [...said].sort()) {
  const meant = expected.get(path);
  if (!meant) continue;
  files += 1;
  named += imports.length;
  const wrong = imports.filter((other) => !meant.has(other));
  right += imports.length - wrong.length;
  const missing =
    meant.size > MAX_LINKED ? [] : [...meant].filter((other) => !imports.includes(other));
  if (meant.size <= MAX_LINKED) {
    asked += meant.size;
    found += meant.size - missing.length;
  }
  for (const other of wrong) console.log(`${path}: ${other} is not imported`);
  for (const other of missing) console.log(`${path}: ${other} is missing`);
}
const percent = (part, whole) => `${((100 * part) / Math.max(1, whole)).toFixed(1)} %`;
console.log(
  `${files} files; ${right} of ${named} imports named are right (${percent(right, named)})`,
);
console.log(`${found} of ${asked} imports are named (${percent(found, asked)})`);
process.exitCode = Math.min(right / Math.max(1, named), found / Math.max(1, asked)) < 0.95 ? 1 : 0;

/** Files that each script imports, by TypeScript. */
function scriptImports() {
  const peers = temporaryFolder();
  const options = ["--no-save", "--no-audit", "--no-fund", "--ignore-scripts", "--silent"];
  run("npm", ["install", "--prefix", peers, ...options, "typescript@5.9.3"]);
  const ts = createRequire(join(peers, "x.js"))("typescript");
  // What a package manager's links would give: each package by its name, from its sources.
  const mapping = {};
  for (const path of paths.filter((one) => basename(one) === "package.json")) {
    const { name } = JSON.parse(readFileSync(join(tree, path), "utf8"));
    const folder = join(tree, dirname(path));
    if (!name) continue;
    mapping[name] = [join(folder, "src/index"), join(folder, "index")];
    mapping[`${name}/*`] = [join(folder, "src/*"), join(folder, "*")];
  }
  const settings = {
    ...{ moduleResolution: ts.ModuleResolutionKind.Bundler, module: ts.ModuleKind.ESNext },
    ...{ target: ts.ScriptTarget.ESNext, allowJs: true, baseUrl: tree, paths: mapping },
  };
  return scripts.map((path) => {
    const from = join(tree, path);
    const source = ts.createSourceFile(from, readFileSync(from, "utf8"), ts.ScriptTarget.ESNext);
    const names = source.statements.flatMap((statement) => specifiersOf(ts, statement));
    const targets = names.map(
      (name) => ts.resolveModuleName(name, from, settings, ts.sys).resolvedModule,
    );
    const inside = targets
      .filter(Boolean)
      .map(({ resolvedFileName }) => relative(tree, resolvedFileName))
      .filter((target) => target !== path && !target.startsWith("..") && scripts.includes(target));
    return [path, new Set(inside)];
  });
}

/** What a statement at the top of a file imports. */
function specifiersOf(ts, statement) {
  const name = statement.moduleSpecifier?.text;
  if (name !== undefined) return [name];
  if (!ts.isVariableStatement(statement)) return [];
  return statement.declarationList.declarations.flatMap(({ initializer }) =>
    initializer && ts.isCallExpression(initializer) && initializer.expression.text === "require"
      ? [initializer.arguments[0]?.text ?? ""]
      : [],
  );
}

/** Files that each Python module imports at its top level, also under `if` and `try`. */
function pythonImports() {
  const program = `
import ast, json, sys
def walk(body):
    for node in body:
        if isinstance(node, ast.Import):
            for alias in node.names: yield [0, alias.name, None]
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names: yield [node.level, node.module or "", alias.name]
        elif isinstance(node, (ast.If, ast.Try)):
            for part in [node.body, node.orelse, getattr(node, "finalbody", []), *[h.body for h in getattr(node, "handlers", [])]]: yield from walk(part)
for path in sys.stdin.read().split("\\n"):
    try: print(json.dumps([path, list(walk(ast.parse(open(path, encoding="utf8").read()).body))]))
    except (SyntaxError, ValueError): pass
`;
  const output = run("python3", ["-c", program], { cwd: tree, input: modules.join("\n") });
  const isPackage = (folder) => existsSync(join(tree, folder, "__init__.py"));
  const fileOf = (stem) =>
    [`${stem}.py`, `${stem}/__init__.py`, `${stem}.pyi`].find((path) =>
      existsSync(join(tree, path)),
    );
  const roots = new Set([".", ...modules.map((path) => rootOf(dirname(path), isPackage))]);
  const find = (base, name) => fileOf(join(base, ...name.split(".").filter(Boolean)));
  return output
    .trim()
    .split("\n")
    .map((line) => {
      const [path, imports] = JSON.parse(line);
      const meant = imports.map(([level, from, name]) => {
        const up = Array.from({ length: Math.max(0, level - 1) }, () => "..");
        const bases = level > 0 ? [join(dirname(path), ...up)] : [dirname(path), ...roots];
        const names = [name && name !== "*" ? `${from}.${name}` : from, from];
        for (const full of names) {
          for (const base of bases) {
            const file = full || level > 0 ? find(base, full) : undefined;
            if (file) return file;
          }
        }
        return undefined;
      });
      return [path, new Set(meant.filter((one) => one && one !== path))];
    });
}

/** The folder from which a package is imported by its name. */
function rootOf(folder, isPackage) {
  return isPackage(folder) ? rootOf(dirname(folder), isPackage) : folder;
}
