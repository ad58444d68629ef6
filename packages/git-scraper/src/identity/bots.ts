import type { Person } from "@repotune/schema";

/**
 * Programs that commit under a name without `[bot]`, by that name in lower case. Only names that no
 * person has.
 */
const names = new Set([
  // Dependencies: GitHub's, Mend's and those that came before them.
  ...["dependabot", "dependabot-preview", "dependabot-support"],
  ...["renovate", "renovate bot", "renovate-bot", "whitesource renovate"],
  ...["greenkeeper", "greenkeeperio-bot", "depfu", "pyup-bot", "pyup.io bot", "scala steward"],
  ...["snyk-bot", "snyk bot", "imgbot", "imgbotapp", "restyled.io"],
  // Continuous integration that commits what it formats or builds.
  ...["github actions", "github-actions", "github action", "github-action", "github actions bot"],
  ...["pre-commit-ci", "pre-commit.ci", "travis ci", "travis ci user", "circleci", "circle ci"],
  ...["gitlab ci", "gitlab-ci", "gitlab-bot", "gitlab bot", "azure pipelines", "deploy from ci"],
  // Merge queues: Rust's, Servo's, Kubernetes', Homu's, GitHub apps.
  ...["bors", "bors-servo", "homu", "k8s-ci-robot", "kubernetes prow robot", "mergify"],
  ...["kubernetes submit queue", "k8s-merge-robot", "openshift-merge-robot", "openshift-ci-robot"],
  // Logs, benchmarks and reviews in the Rust project.
  ...["rust-log-analyzer", "rust-timer", "rust-highfive", "rustbot", "triagebot"],
  // Releases, lists of contributors, import from another repository.
  ...["semantic-release-bot", "semantic-release", "release-please", "changesets-bot"],
  ...["allcontributors", "all-contributors", "copybara-service", "copybara github action"],
  ...["facebook github bot", "facebook-github-bot", "tensorflower-gardener", "pytorchmergebot"],
]);

/** Addresses that only such programs have, in lower case, for when their name was changed. */
const addresses = new Set([
  ...["support@dependabot.com", "bot@renovateapp.com", "support@greenkeeper.io"],
  ...["action@github.com", "actions@github.com", "github-actions@github.com"],
  ...["bors@rust-lang.org", "snyk-bot@snyk.io", "semantic-release-bot@martynus.net"],
  ...["pytorchmergebot@users.noreply.github.com", "copybara-service@google.com"],
]);

/**
 * Whether a commit's author is a program, as far as name and address tell: `[bot]`, which GitHub
 * reserves for apps, or one of the well-known.
 *
 * Who is in doubt is a person. So is `GitHub <noreply@github.com>`, who commits what people merge
 * and edit on the site, and so are assistants that write code at somebody's request.
 */
export function isBot({ name, email }: Person): boolean {
  const [trimmed, address] = [name.trim().toLowerCase(), email.trim().toLowerCase()];
  return (
    trimmed.endsWith("[bot]") ||
    address.endsWith("[bot]@users.noreply.github.com") ||
    names.has(trimmed) ||
    addresses.has(address)
  );
}
