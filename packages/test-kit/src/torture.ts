import { gitRepository, type RepositoryOptions, type TestRepository } from "./git.ts";
import { addIdentitiesAndDates } from "./torture/identities-and-dates.ts";
import { addMessages } from "./torture/messages.ts";
import { addModes } from "./torture/modes.ts";
import { addPathsAndContents } from "./torture/paths-and-contents.ts";
import { addRefs } from "./torture/refs.ts";
import { addShapes } from "./torture/shapes.ts";

export { tortureVariants } from "./torture/variants.ts";

/**
 * A history of what occurs in the wild, rarely or on purpose: paths, contents, modes, messages,
 * identities, dates, shapes and refs that trip a careless reader up.
 *
 * Its replace refs and grafts show another history than its objects have: for plain git, set
 * `GIT_NO_REPLACE_OBJECTS=1` and `GIT_GRAFT_FILE=/dev/null`.
 */
export function tortureRepository(options: RepositoryOptions = {}): TestRepository {
  const repository = gitRepository(options);
  addPathsAndContents(repository);
  addModes(repository);
  addMessages(repository);
  addIdentitiesAndDates(repository);
  addShapes(repository);
  addRefs(repository);
  return repository;
}
