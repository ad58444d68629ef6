// Packs every public package, installs each alone (with its siblings from tarballs) into an empty
// project as a user would, imports it there and runs its binary.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const root = new URL("..", import.meta.url).pathname;
const work = mkdtempSync(join(tmpdir(), "repotune-packages-"));
const run = (command, args, cwd) =>
  execFileSync(command, args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
const pnpm = join(root, "node_modules", ".bin", "pnpm");

try {
  const packages = readdirSync(join(root, "packages"))
    .map((name) => ({
      folder: join(root, "packages", name),
      manifest: JSON.parse(readFileSync(join(root, "packages", name, "package.json"), "utf8")),
    }))
    .filter(({ manifest }) => !manifest.private);

  const tarballs = Object.fromEntries(
    packages.map(({ folder, manifest }) => {
      const { filename } = JSON.parse(
        run(pnpm, ["pack", "--json", "--pack-destination", work], folder),
      );
      return [manifest.name, `file:${filename}`];
    }),
  );

  for (const { manifest } of packages) {
    const project = join(work, manifest.name.replace("/", "-"));
    mkdirSync(project);
    writeFileSync(
      join(project, "package.json"),
      JSON.stringify({
        private: true,
        type: "module",
        dependencies: { [manifest.name]: tarballs[manifest.name] },
      }),
    );
    // Siblings come from tarballs, because no registry has this version yet; the GPU runtimes are
    // left out, because they are half a gigabyte.
    const settings = {
      overrides: tarballs,
      preferSymlinkedExecutables: true,
      ignoredOptionalDependencies: [
        "@node-llama-cpp/*-cuda",
        "@node-llama-cpp/*-cuda-ext",
        "@node-llama-cpp/*-vulkan",
      ],
    };
    writeFileSync(join(project, "pnpm-workspace.yaml"), JSON.stringify(settings));
    run(pnpm, ["install", "--prefer-offline", "--ignore-scripts"], project);
    const exported = run(
      process.execPath,
      [
        "-e",
        `import(${JSON.stringify(manifest.name)}).then((m) => console.log(Object.keys(m).length))`,
      ],
      project,
    ).trim();
    if (!(Number(exported) > 0)) throw new Error(`${manifest.name} exports nothing`);
    const checked = [`${exported} exports`];
    for (const bin of Object.keys(manifest.bin ?? {})) {
      const path = join(project, "node_modules", ".bin", bin);
      const version = run(path, ["--version"], project).trim();
      if (version !== manifest.version) throw new Error(`${bin} --version says ${version}`);
      if (!run(path, ["--help"], project).includes("Usage:")) throw new Error(`${bin} has no help`);
      checked.push(`${bin} ${version}`);
    }
    console.log(`${manifest.name}: ${checked.join(", ")}`);
  }
} catch (error) {
  console.error(error.stderr ?? "", error.stdout ?? "");
  throw error;
} finally {
  rmSync(work, { recursive: true, force: true });
}
