import { messageOf } from "@repotune/schema";
import { type Build, findLibrary, type GpuInterface } from "./locate.ts";
import { linesDuring } from "./log.ts";

/** An installed build of llama.cpp with a library for GPUs, and what became of it. */
export interface GpuBuild {
  /** e.g. `linux-x64-cuda` */
  name: string;
  gpu: GpuInterface;
  /**
   * `usable`: it has a device. `failed`: it could not be loaded. `empty`: loaded, but it found no
   * device. `unneeded`: not tried, as another build has a device already.
   */
  state: "usable" | "failed" | "empty" | "unneeded";
  /** What the loader or the library said, unless `usable` or `unneeded`. */
  reason?: string;
}

/**
 * The libraries for GPUs of all installed builds. They join the one registry of devices, as all
 * builds of a release share the same `ggml-base`.
 */
export class GpuBuilds {
  readonly #builds: readonly (Build & { gpu: GpuInterface })[];
  readonly #release: string;
  readonly #load: (path: string) => number;
  readonly #tried = new Map<string, GpuBuild>();

  /**
   * @param release that the shared libraries are of; others do not fit.
   * @param load adds a library to the registry, gives the number of its devices, and throws what the
   *   system's loader says.
   */
  constructor(builds: readonly Build[], release: string, load: (path: string) => number) {
    this.#builds = builds.flatMap(({ gpu, ...build }) => (gpu ? [{ ...build, gpu }] : []));
    this.#release = release;
    this.#load = load;
  }

  /** All of them, in the order in which they are tried. */
  get all(): GpuBuild[] {
    return this.#builds.map(
      ({ name, gpu }) => this.#tried.get(name) ?? { name, gpu, state: "unneeded" },
    );
  }

  /** Loads one after another until one has a device; only those for `gpu`, if given. */
  loadFirstUsable(gpu?: GpuInterface): void {
    for (const build of this.#builds) {
      if (gpu && build.gpu !== gpu) continue;
      const outcome = this.#tried.get(build.name) ?? this.#try(build);
      this.#tried.set(build.name, outcome);
      if (outcome.state === "usable") return;
    }
  }

  #try(build: Build & { gpu: GpuInterface }): GpuBuild {
    const { name, gpu } = build;
    if (build.release !== this.#release) {
      const reason = `It is of release ${build.release}; the other libraries are of ${this.#release}.`;
      return { name, gpu, state: "failed", reason };
    }
    let devices = 0;
    try {
      const lines = linesDuring(() => {
        devices = this.#load(findLibrary(build, `ggml-${gpu}`));
      });
      if (devices > 0) return { name, gpu, state: "usable" };
      return { name, gpu, state: "empty", reason: lines.join("\n") || "It found no device." };
    } catch (error) {
      return { name, gpu, state: "failed", reason: messageOf(error) };
    }
  }
}
