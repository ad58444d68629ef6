import { gitRepository } from "@repotune/test-kit/git";
import { type Random, seededRandom } from "@repotune/test-kit/random";
import { describe, expect, it } from "vitest";
import { findSecrets } from "../src/hygiene/find-secrets.ts";
import { maskSecrets } from "../src/hygiene/mask-secrets.ts";
import { SECRET_RULES } from "../src/hygiene/secret-rules.ts";
import { chunkRepository, expectComplete } from "./collect.ts";

const LOWER = "abcdefghijklmnopqrstuvwxyz";
const UPPER = LOWER.toUpperCase();
const LETTERS = LOWER + UPPER;
const ALNUM = `${LETTERS}0123456789`;
const HEX = "0123456789abcdef";
const BASE64 = `${ALNUM}+/`;

const random = seededRandom(5);

/** Secrets are made here, so that none stands in this file for a scanner to find. */
function draw(alphabet: string, length: number, from: Random = random): string {
  for (;;) {
    const text = Array.from({ length }, () => alphabet.charAt(from.below(alphabet.length))).join(
      "",
    );
    // As good as any of its kind: with a digit, where there are any.
    if (
      !/\d/.test(alphabet) ||
      !/[a-z]/i.test(alphabet) ||
      length < 5 ||
      /\d.*[a-z]|[a-z].*\d/i.test(text)
    )
      return text;
  }
}

const hex = (length: number) => draw(HEX, length);
const alnum = (length: number) => draw(ALNUM, length);
const uuid = () => [8, 4, 4, 4, 12].map(hex).join("-");

/** For each rule: what stands before the secret, the secret, what stands behind; and what is none. */
const samples: Record<string, [before: string, secret: () => string, after: string, none: string]> =
  {
    "1password-secret-key": [
      "key ",
      () =>
        `A3-${["A", "B", "C", "D", "E", "F"].map((_, at) => draw(`${UPPER}0123456789`, [6, 6, 5, 5, 5, 5][at] ?? 5)).join("-")}`,
      ".",
      "A3-B4 paper",
    ],
    "1password-service-account-token": ["=", () => `ops_eyJ${alnum(300)}`, '"', "ops_eyJ short"],
    "age-secret-key": [
      "",
      () => `AGE-SECRET-KEY-1${draw("QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L", 58)}`,
      "",
      "AGE-SECRET-KEY-1QQ",
    ],
    "alibaba-access-key-id": ["id: ", () => `LTAI${alnum(20)}`, "", "LTAI of twenty letters"],
    "anthropic-api-key": [
      '"',
      () => `sk-ant-api03-${alnum(93)}AA`,
      '"',
      `sk-ant-api03-${"x".repeat(93)}AA`,
    ],
    "artifactory-api-key": [" ", () => `AKCp${alnum(69)}`, " ", `AKCp${"a".repeat(69)}`],
    "artifactory-reference-token": [" ", () => `cmVmd${alnum(59)}`, " ", "cmVmd"],
    "atlassian-api-token": ["'", () => `ATATT3${alnum(186)}`, "'", "ATATT3"],
    "aws-access-token": [
      "aws_access_key_id = ",
      () => `AKIA${draw(`${UPPER}234567`, 16)}`,
      "",
      `AKIAIOSFODNN7${"EXAMPLE"}`,
    ],
    "aws-amazon-bedrock-api-key-long-lived": ["", () => `ABSK${alnum(120)}`, "", "ABSKabc"],
    "azure-ad-client-secret": ['"', () => `${alnum(3)}8Q~${alnum(33)}`, '"', "abc8Q~short"],
    "clojars-api-token": ["", () => `CLOJARS_${hex(60)}`, "", "CLOJARS_TOKEN"],
    "cloudflare-api-key": [
      "CLOUDFLARE_API_KEY=",
      () => draw(`${LOWER}0123456789`, 40),
      "",
      "cloudflare_account = forty_characters_of_words_under_a_name_x",
    ],
    "cloudflare-origin-ca-key": ["", () => `v1.0-${hex(24)}-${hex(146)}`, "", "v1.0-beta"],
    "databricks-api-token": ["", () => `dapi${hex(32)}`, "", `dapi${"0".repeat(32)}`],
    "datadog-access-token": ["datadog_app_id: ", () => hex(40), "", "datadog: enabled"],
    "digitalocean-token": ["", () => `dop_v1_${hex(64)}`, "", "dop_v1_"],
    "discord-api-token": ["discord: ", () => hex(64), "", "discord: https"],
    "doppler-api-token": ["", () => `dp.pt.${alnum(43)}`, "", "dp.pt.x"],
    "dynatrace-api-token": ["", () => `dt0c01.${alnum(24)}.${alnum(64)}`, "", "dt0c01.a.b"],
    "facebook-page-access-token": ["", () => `EAAC${alnum(120)}`, "", "EAACEdEose0cBA"],
    "flyio-access-token": ["", () => `fo1_${alnum(43)}`, "", "fo1_x"],
    "gcp-api-key": ["key=", () => `AIza${alnum(35)}`, "&x", `AIza${"Sy".repeat(18)}`],
    "gcp-oauth-client-secret": ["", () => `GOCSPX-${alnum(28)}`, "", "GOCSPX-"],
    "github-fine-grained-pat": ["", () => `github_pat_${alnum(82)}`, "", "github_pat_11AA"],
    "github-pat": ["Bearer ", () => `ghp_${alnum(36)}`, ",", `ghp_${"x".repeat(36)}`],
    "gitlab-pat": ["", () => `glpat-${alnum(20)}`, "", "glpat-xxxxxxxxxxxxxxxxxxxx"],
    "gitlab-token": ["", () => `glrt-${alnum(20)}`, "", "glrt-"],
    "grafana-token": ["", () => `glsa_${alnum(32)}_${hex(8)}`, "", "glsa_x"],
    "hashicorp-tf-api-token": ["", () => `${alnum(14)}.atlasv1.${alnum(67)}`, "", "a.atlasv1.b"],
    "heroku-api-key": ["HEROKU_ID=", uuid, "", "heroku: 1-2-3"],
    "huggingface-access-token": ["", () => `hf_${draw(LETTERS, 34)}`, "", "hf_hub_download"],
    "infracost-api-token": ["", () => `ico-${alnum(32)}`, "", "ico-nographic"],
    "linear-api-key": ["", () => `lin_api_${alnum(40)}`, "", "lin_api_key"],
    "mailchimp-api-key": ["", () => `${hex(32)}-us12`, "", "en-us12"],
    "mailgun-private-api-token": ["MAILGUN=", () => `key-${hex(32)}`, "", "mailgun: key-value"],
    "microsoft-teams-webhook": [
      "https://x.",
      () => `webhook.office.com/webhookb2/${uuid()}@${uuid()}/IncomingWebhook/${hex(32)}/${uuid()}`,
      "",
      "webhook.office.com",
    ],
    "newrelic-key": ["", () => `NRAK-${draw(`${UPPER}0123456789`, 27)}`, "", "NRAK-"],
    "notion-api-token": ["", () => `ntn_${draw("0123456789", 11)}${alnum(35)}`, "", "ntn_1"],
    "npm-access-token": ["_authToken=", () => `npm_${alnum(36)}`, "", "npm_config_registry"],
    "openai-api-key": ["", () => `sk-${alnum(20)}T3BlbkFJ${alnum(20)}`, "", "sk-T3BlbkFJ"],
    "openshift-user-token": ["", () => `sha256~${alnum(43)}`, "", "sha256~x"],
    "perplexity-api-key": ["", () => `pplx-${alnum(48)}`, "", "pplx-7b-online"],
    "planetscale-token": ["", () => `pscale_tkn_${alnum(43)}`, "", "pscale_tkn_"],
    "postman-api-token": ["", () => `PMAK-${hex(24)}-${hex(34)}`, "", "PMAK-"],
    "pulumi-api-token": ["", () => `pul-${hex(40)}`, "", "pul-request"],
    "pypi-upload-token": ["", () => `pypi-AgEIcHlwaS5vcmc${alnum(80)}`, "", "pypi-AgEI"],
    "readme-api-token": ["", () => `rdme_${draw(`${LOWER}0123456789`, 70)}`, "", "rdme_x"],
    "rubygems-api-token": ["", () => `rubygems_${hex(48)}`, "", "rubygems_version"],
    "sendgrid-api-token": ["", () => `SG.${alnum(22)}.${alnum(43)}`, "", "MSG.SG.x"],
    "sendinblue-api-token": ["", () => `xkeysib-${hex(64)}-${alnum(16)}`, "", "xkeysib-"],
    "sentry-token": ["", () => `sntryu_${hex(64)}`, "", "sntryu_"],
    "shippo-api-token": ["", () => `shippo_live_${hex(40)}`, "", "shippo_live_"],
    "shopify-access-token": ["", () => `shpat_${hex(32)}`, "", `shpat_${"0".repeat(32)}`],
    "slack-app-token": [
      "",
      () => `xapp-1-${alnum(11)}-${draw("0123456789", 13)}-${hex(64)}`,
      "",
      "xapp-1",
    ],
    "slack-token": [
      "",
      () => `xoxb-${draw("0123456789", 12)}-${draw("0123456789", 12)}-${alnum(24)}`,
      "",
      "xoxb-your-token-here",
    ],
    "slack-webhook-url": [
      "https://hooks.slack.com/services/",
      () => `T${draw(UPPER, 8)}/B${draw(UPPER, 10)}/${alnum(24)}`,
      "",
      `hooks.slack.com/services/T${"0".repeat(8)}/B${"0".repeat(8)}/${"X".repeat(24)}`,
    ],
    "square-access-token": ["", () => `sq0atp-${alnum(22)}`, "", "sq0atp-"],
    "stripe-access-token": ["'", () => `sk_live_${alnum(24)}`, "'", "sk_test_your_secret_key"],
    "telegram-bot-api-token": ["bot", () => "", "", "12345678:AAbc"],
    "twilio-api-key": ["TWILIO_SID = '", () => `SK${hex(32)}`, "'", "twilio = SK"],
    "vault-token": ["", () => `hvs.${alnum(95)}`, "", "hvs.x"],
    "yandex-key": ["", () => `AQVN${alnum(36)}`, "", "AQVN"],
    jwt: [
      "Bearer ",
      () => `eyJ${alnum(30)}.eyJ${alnum(60)}.${alnum(43)}`,
      '"',
      "eyJhbGciOiJIUzI1NiJ9",
    ],
    "url-password": [
      "redis://worker:",
      () => alnum(12),
      "@db.internal:6379/0",
      "postgres://user:password@localhost/db, ssh://git@host:22/x, redis://a:$PASSWORD@host",
    ],
    "authorization-header": [
      "'Authorization: Basic ",
      () => draw(BASE64, 32),
      "'",
      "Authorization: Bearer your_access_token_1",
    ],
    "generic-secret-bytes": [
      'SECRET_KEY = "',
      () =>
        Array.from({ length: 12 }, () => `\\x${draw("89abcdef", 1)}${draw("0123456789", 1)}`).join(
          "%",
        ),
      '"',
      'token = "one line\\nand 2\\nand three\\n"',
    ],
    "generic-api-key": [
      'const API_TOKEN: &str = "',
      () => alnum(32),
      '";',
      'secret_key = "some_identifier_2_of_words"; token_id = "a81f93kd82mf9q"; password = get_password2(user)',
    ],
  };
samples["telegram-bot-api-token"] = [
  "bot ",
  () => `${draw("123456789", 9)}:AA${alnum(33)}`,
  "/send",
  "12345678:AAbc",
];

const idsIn = (text: string) => findSecrets(text, false).map((span) => span.id);

describe("rules", () => {
  it("have a sample each, and keywords that are in lower case and not the beginning of another", () => {
    expect(Object.keys(samples).sort()).toEqual(SECRET_RULES.map((rule) => rule.id).sort());
    const keywords = [...new Set(SECRET_RULES.flatMap((rule) => rule.keywords))];
    for (const keyword of keywords) {
      expect(keyword).toBe(keyword.toLowerCase());
      const others = keywords.filter((other) => other !== keyword);
      expect(others.filter((other) => other.startsWith(keyword))).toEqual([]);
    }
  });

  it.each(SECRET_RULES)("$id", ({ id, pattern }) => {
    expect(pattern.flags.includes("d") && pattern.flags.includes("g")).toBe(true);
    const [before, secret, after, none] = samples[id] ?? ["", () => "", "", ""];
    for (let round = 0; round < 20; round += 1) {
      const found = new Set<string>();
      expect(maskSecrets(before + secret() + after, false, found)).toBe(
        `${before}<SECRET:${id}>${after}`,
      );
      expect([...found]).toEqual([id]);
    }
    expect(idsIn(none)).toEqual([]);
  });
});

describe("what is no secret", () => {
  it.each([
    'password = "changeme123456"',
    `API_KEY=$${"{API_KEY}"}`,
    'token: "<your-token-goes-here-1>"',
    'secret = "xxxxxxxxxxxxxxxxxxxxxxx1"',
    'api_key = "0123456789abcdef0123456789abcdef"',
    "let token = self.tokens.next_token_2();",
    'key = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"',
    'public_key = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"',
    'csrf_token = "9f86d081884c7d659a2feaa0c55ad015"',
    'checksum = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"',
    "index 83db48f..bf269f4 100644",
    '"src/to_tokens.rs":"5bd52437ed5764ae2b5d84843b23f29497ad0361f3ee3cfda621a4b91c70ef1c"',
    "redis://[:password]@localhost:6379/0",
  ])("%s", (text) => {
    expect(idsIn(text)).toEqual([]);
  });
});

/** A private key, made up, as its lines. */
function key(kind: string, lines = 24, length = 64): string[] {
  return [
    `-----BEGIN ${kind}-----`,
    ...Array.from({ length: lines }, () => draw(BASE64, length)),
    `${draw(BASE64, 10)}==`,
    `-----END ${kind}-----`,
  ];
}

/** The same as gpg writes it: headers and a blank line before it, a checksum behind it. */
function armoured(kind: string, lines: number): string[] {
  const [begin = "", ...rest] = key(kind, lines);
  return [begin, "Version: GnuPG v2", "", ...rest.slice(0, -1), "=qL3x", ...rest.slice(-1)];
}

const masked = (text: string, isPatch = false) => maskSecrets(text, isPatch, new Set());
const mark = "<SECRET:private-key>";

describe("private keys", () => {
  const kinds = ["RSA PRIVATE KEY", "PRIVATE KEY", "EC PRIVATE KEY", "ENCRYPTED PRIVATE KEY"];
  it.each(kinds)("%s", (kind) => {
    const lines = key(kind);
    const marks = lines.slice(1, -1).map(() => mark);
    expect(masked(`a\n${lines.join("\n")}\nb`).split("\n")).toEqual([
      "a",
      lines[0],
      ...marks,
      lines.at(-1),
      "b",
    ]);
  });

  it("without an end, without a beginning, or with neither", () => {
    const lines = key("OPENSSH PRIVATE KEY", 24, 70);
    const marks = (count: number, of = mark) => Array.from({ length: count }, () => of);
    expect(masked([...lines.slice(0, 9), "a word"].join("\n")).split("\n")).toEqual([
      ...lines.slice(0, 1),
      ...marks(8),
      "a word",
    ]);
    expect(
      masked(["word!", ...lines.slice(-9)].join("\n"))
        .split("\n")
        .slice(1),
    ).toEqual([...marks(8), ...lines.slice(-1)]);
    expect(masked(lines.slice(4, 12).join("\n")).split("\n")).toEqual(
      marks(8, "<SECRET:private-key-lines>"),
    );
  });

  it("in a patch, keeping its signs", () => {
    const old = key("RSA PRIVATE KEY", 5);
    const fresh = key("RSA PRIVATE KEY", 5);
    const patch = [
      "@@ -1,8 +1,8 @@",
      ` ${old[0]}`,
      ...old.slice(1, -1).map((line) => `-${line}`),
      ...fresh.slice(1, -1).map((line) => `+${line}`),
      ` ${old.at(-1)}`,
    ];
    expect(masked(patch.join("\n"), true).split("\n")).toEqual([
      ...patch.slice(0, 2),
      ...Array.from({ length: 6 }, () => `-${mark}`),
      ...Array.from({ length: 6 }, () => `+${mark}`),
      ...patch.slice(-1),
    ]);
  });

  it("in a string of many lines, of one line, or in a comment", () => {
    const lines = key("PRIVATE KEY", 4);
    const inner = lines.slice(1, -1);
    for (const [before, after] of [
      ['    "', '\\n"'],
      ["// ", ""],
      ["  ", ""],
      ["'", "\\n' +"],
    ] as const) {
      const text = [lines[0], ...inner, lines.at(-1)].map((line) => before + line + after);
      expect(masked(text.join("\n")).split("\n").slice(1, -1)).toEqual(
        inner.map(() => `${before}${mark}${after}`),
      );
    }
    expect(masked(`k = "${lines.join("\\n")}\\n"`)).toBe(
      `k = "${lines[0]}\\n${mark}\\n${lines.at(-1)}\\n"`,
    );
  });

  it("with headers before the key", () => {
    const lines = key("RSA PRIVATE KEY", 4);
    lines.splice(1, 0, "Proc-Type: 4,ENCRYPTED", "");
    expect(masked(lines.join("\n")).split("\n").slice(0, 4)).toEqual([...lines.slice(0, 3), mark]);
  });

  it("are not what is public, or only spoken of", () => {
    const texts = [
      key("CERTIFICATE").join("\n"),
      key("PUBLIC KEY", 6).join("\n"),
      armoured("PGP PUBLIC KEY BLOCK", 6).join("\n"),
      "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----",
      '"-----BEGIN PRIVATE KEY-----\\n...\\n-----END PRIVATE KEY-----"',
      "if line == '-----BEGIN RSA PRIVATE KEY-----':\n    return",
    ];
    for (const text of texts) expect(masked(text)).toBe(text);
  });
});

describe("masking", () => {
  const fillers = [
    "",
    "fn a() {",
    "password = x",
    "key: [",
    "    token,",
    "é😀",
    "@@ -1 +1 @@",
    "://",
  ];

  it("changes nothing but the secrets, and leaves none", () => {
    const from = seededRandom(8);
    for (let round = 0; round < 300; round += 1) {
      const lines = Array.from({ length: 1 + from.below(12) }, () => {
        const ids = Object.keys(samples);
        const [before, secret, after] = samples[ids[from.below(ids.length)] ?? ""] ?? [
          "",
          () => "",
          "",
        ];
        const filler = fillers[from.below(fillers.length)] ?? "";
        return from.below(2) === 0 ? filler : `${filler} ${before}${secret()}${after}`;
      });
      if (from.below(3) === 0) lines.push(...key("RSA PRIVATE KEY", from.below(8)));
      const first = from.below(lines.length);
      const code = lines.slice(first).join("\n");
      const patch = lines
        .slice(first)
        .map((line, at) => (" +-"[at % 3] ?? " ") + line)
        .join("\n");
      for (const [text, isPatch] of [
        [code, false],
        [patch, true],
      ] as const) {
        const result = masked(text, isPatch);
        expect(result.split("\n").length).toBe(text.split("\n").length);
        expect(findSecrets(result, isPatch)).toEqual([]);
        // What is around the marks is what was around the secrets.
        const rest = result.split(/<SECRET:[\w-]+>/);
        let at = 0;
        for (const part of rest) {
          const place = text.indexOf(part, at);
          expect(place).toBeGreaterThanOrEqual(at);
          at = place + part.length;
        }
        expect(text.startsWith(rest[0] ?? "") && text.endsWith(rest.at(-1) ?? "")).toBe(true);
      }
    }
  });

  it("of a line is the same in code and in a patch", () => {
    for (const [before, secret, after] of Object.values(samples)) {
      const line = before + secret() + after;
      for (const sign of "+- ") expect(masked(sign + line, true)).toBe(sign + masked(line));
    }
  });
});

const MILLION = 1 << 20;
const repeated = (text: string) => text.repeat(Math.ceil(MILLION / text.length)).slice(0, MILLION);

describe("a million hostile characters do not stop the search", () => {
  const samplesOf = Object.values(samples).map(
    ([before, secret]) => before + secret().slice(0, -4),
  );
  const texts = [
    ...[
      "a",
      " ",
      "=",
      "token=",
      "token: ",
      "token  ",
      'token="',
      "key",
      "eyJ",
      "-eyJ",
      "eyJ.",
      ".eyJaaaaaaaaaaaaaaaaa",
    ],
    ...[
      "://",
      "a://b:",
      "a://b:c",
      "a://b:ccc:",
      "-----BEGIN PRIVATE KEY-----",
      "-----END PRIVATE KEY-----\n",
    ],
    ...["-----BEGIN PRIVATE KEY-----\n", `-----BEGIN PRIVATE KEY-----\n${"A".repeat(64)}\n`],
    ...[
      `${draw(BASE64, 64)}\n`,
      `${draw(BASE64, 64)}`,
      `${"\\n".repeat(20)}`,
      'secret="\\x00',
      "secret=\"\\x00'",
    ],
    ...["authorization: bearer ", "-glpat-", "+sntrys_eyJpYXQiO", "\n", "@", "@@ -1 +1 @@\n", "\\"],
    ...samplesOf,
  ];

  it.each(texts.map((text) => [text.slice(0, 30), text]))("%j", (_, text) => {
    const started = process.cpuUsage();
    findSecrets(repeated(text), false);
    findSecrets(repeated(text), true);
    const { user, system } = process.cpuUsage(started);
    // A quadratic search would take minutes. Linear ones take up to half a second here.
    expect((user + system) / 1e6).toBeLessThan(10);
  });
});

describe("a history with secrets", () => {
  const token = `ghp_${alnum(36)}`;
  const prepare = () => {
    const repository = gitRepository();
    repository.commit("Add", {
      "src/a.rs": "fn a() {}\n",
      "b.conf": `x = 1\nlogin ${token}\ny = 2\n`,
    });
    repository.commit(`Use ${token}`, { "src/a.rs": `fn a() {\n    b("${token}");\n}\n` });
    return repository;
  };

  it("has them masked in code, patches and messages", async () => {
    const { chunks, counts } = await chunkRepository(prepare());
    expect(JSON.stringify(chunks)).not.toContain(token);
    const last = chunks.at(-1);
    expect(last?.new_code).toBe('fn a() {\n    b("<SECRET:github-pat>");\n}');
    expect(last?.patch).toContain('+    b("<SECRET:github-pat>");');
    expect(last?.commit_metadata.message).toBe("Use <SECRET:github-pat>");
    expect(chunks.map((chunk) => chunk.secrets ?? [])).toEqual([
      ["github-pat"],
      [],
      ["github-pat"],
    ]);
    expect(counts.hygiene).toMatchObject({ secrets: { "github-pat": 2 }, dropped_chunks: 0 });
  });

  it("keeps them if told to, and says so", async () => {
    const { chunks, commits } = await chunkRepository(prepare(), { secrets: "keep" });
    expectComplete(commits, chunks);
    expect(chunks.at(-1)?.new_code).toContain(token);
    expect(chunks.at(-1)?.commit_metadata.message).toBe(`Use ${token}`);
    expect(chunks.at(-1)?.secrets).toEqual(["github-pat"]);
  });

  it("drops chunks with them if told to", async () => {
    const { chunks, counts } = await chunkRepository(prepare(), { secrets: "drop" });
    expect(chunks.map((chunk) => chunk.file_path)).toEqual(["src/a.rs"]);
    expect(chunks[0]?.chunk_id).toMatch(/_0$/);
    expect(JSON.stringify(chunks)).not.toContain(token);
    expect(counts).toMatchObject({ chunks: 1, hygiene: { dropped_chunks: 2 } });
  });
});
