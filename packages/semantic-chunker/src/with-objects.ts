import { ObjectReader, openRepository } from "@repotune/git";
import type { StageContext } from "@repotune/schema";
import type { ObjectSource } from "./object-source.ts";

/**
 * Does some work with the objects of a repository at hand.
 *
 * @param path of the repository; undefined if there is none.
 * @throws {StageError} as `openRepository` of `@repotune/git`; whatever `work` throws.
 */
export async function withObjects<Result>(
  path: string | undefined,
  { signal }: StageContext,
  work: (objects: ObjectSource | undefined) => Promise<Result>,
): Promise<Result> {
  if (path === undefined) return work(undefined);
  const repository = await openRepository(path, { signal });
  try {
    const reader = ObjectReader.open(repository);
    const read = async (id: string) => {
      const data = await reader.read(id);
      // Once the whole repository is gone, all of it is missing.
      if (data === undefined) await repository.assertThere();
      return data;
    };
    try {
      return await work({ read });
    } finally {
      await reader.close();
    }
  } finally {
    await repository.close();
  }
}
