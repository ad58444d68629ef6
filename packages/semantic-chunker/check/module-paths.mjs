/**
 * Compares the modules of all Rust files of a revision with what Cargo and rustc's rules give: the
 * targets are those of `cargo metadata`, and from their roots every `mod` is followed. Nothing of the
 * chunker's is used but its output.
 *
 *     node check/module-paths.mjs REPOSITORY [REVISION]
 *
 * The revision is cut as the only commit of a history. A file that several targets reach may have any
 * of their modules; one that none reaches is not compared. Exits with 1 if less than 98 % agree.
 */
import { join, relative } from "node:path";
import { checkOut, chunkRevision, run, temporaryFolder } from "./chunk-revision.mjs";
import { followCrate } from "./rust-sources.mjs";

const [repository, revision = "HEAD"] = process.argv.slice(2);
if (!repository) {
  console.error("Usage: node check/module-paths.mjs REPOSITORY [REVISION]");
  process.exit(2);
}
const tree = temporaryFolder();
const paths = checkOut(repository, revision, /\.rs$|(^|\/)Cargo\.toml$/, tree);
const expected = expectedModules();
const said = saidModules();
let [compared, right, unreached] = [0, 0, 0];
for (const [path, module] of [...said].sort()) {
  const modules = expected.get(path);
  if (!modules) {
    unreached += 1;
    continue;
  }
  compared += 1;
  if (modules.has(module)) right += 1;
  else console.log(`${path}: ${module}, not ${[...modules].join(" or ")}`);
}
const share = compared === 0 ? 1 : right / compared;
console.log(`${right} of ${compared} files agree (${(100 * share).toFixed(1)} %)`);
console.log(`${unreached} more files are reached from no target`);
process.exitCode = share < 0.98 ? 1 : 0;

/** Modules by path, for all targets of all packages that Cargo reads. */
function expectedModules() {
  const packages = new Map();
  const manifests = paths.filter((path) => path.endsWith("Cargo.toml"));
  for (const path of manifests) {
    const manifest = join(tree, path);
    if (packages.has(manifest)) continue;
    for (const one of metadata(manifest)) packages.set(one.manifest_path, one);
  }
  const found = new Map();
  for (const { name, targets } of packages.values()) {
    const library = targets.find(({ kind }) => kind.some((one) => /lib|macro/.test(one)));
    const bins = targets.filter(({ kind }) => kind.includes("bin"));
    const crate = (library?.name ?? name).replaceAll("-", "_");
    for (const target of targets) {
      const modules = [crate, ...modulesOf(target, name, library, bins)];
      followCrate(target.src_path, modules, found);
    }
  }
  return new Map([...found].map(([file, modules]) => [relative(tree, file), modules]));
}

/** How the README says that targets are called. */
function modulesOf({ name, kind: [kind], src_path }, packageName, library, bins) {
  const own = name.replaceAll("-", "_");
  if (kind === "custom-build") return ["build"];
  if (kind === "test") return ["tests", own];
  if (kind === "bench") return ["benches", own];
  if (kind === "example") return ["examples", own];
  if (kind !== "bin" || src_path.endsWith("/src/main.rs")) return [];
  const standsForPackage = !library && (name === packageName || bins.length === 1);
  return standsForPackage ? [] : ["bin", own];
}

function metadata(manifest) {
  const args = ["metadata", "--no-deps", "--offline", "--format-version", "1"];
  try {
    const output = run("cargo", [...args, "--manifest-path", manifest], { stdio: "pipe" });
    return JSON.parse(output).packages;
  } catch (error) {
    if (error.code === "ENOENT") throw error;
    return []; // Test data holds manifests that are wrong on purpose.
  }
}

/** The module of each file, as the chunker says: that of its outermost units. */
function saidModules() {
  const found = new Map();
  for (const chunk of chunkRevision(repository, revision, "rs,toml")) {
    const { file_path, language, module_path } = chunk;
    if (language !== "rust" || module_path === null) continue;
    const known = found.get(file_path);
    if (known === undefined || module_path.length < known.length) found.set(file_path, module_path);
  }
  return found;
}
