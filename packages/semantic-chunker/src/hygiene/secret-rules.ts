/*!
 * What secrets look like.
 *
 * Derived from the rules of gitleaks v8.30.1, config/gitleaks.toml
 * (https://github.com/gitleaks/gitleaks), translated to JavaScript and to single lines:
 *
 * MIT License. Copyright (c) 2019 Zachary Rice
 *
 * Permission is hereby granted, free of charge, to any person obtaining a copy of this software and
 * associated documentation files (the "Software"), to deal in the Software without restriction,
 * including without limitation the rights to use, copy, modify, merge, publish, distribute,
 * sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is
 * furnished to do so, subject to the following conditions:
 *
 * The above copyright notice and this permission notice shall be included in all copies or
 * substantial portions of the Software.
 *
 * THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT
 * NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND
 * NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM,
 * DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT
 * OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
 */

/** One kind of secret. */
export interface SecretRule {
  /** As gitleaks calls it, where it has the rule; it stands in the text in the secret's place. */
  id: string;
  description: string;
  /** In lower case; the pattern is tried only on lines that hold one of them, in any case. */
  keywords: readonly string[];
  /** Has the flags `d` and `g`. Looks at one line, and takes time linear in its length. */
  pattern: RegExp;
  /** Group of the pattern that is the secret; the whole match where it has none. @default 0 */
  group?: number;
  /** Least entropy of the secret, in bits per character. @default 0 */
  entropy?: number;
  /** Whether the secret must hold a digit and must not read like words. @default false */
  isRandom?: boolean;
  /** Matches that are none, with the 24 characters before them. */
  except?: RegExp;
}

const UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";

/** `value` assigned to a name that holds `name`, as in most languages; in any case. */
const assigned = (name: string, value: string): RegExp =>
  new RegExp(
    `(?:${name})[\\w.-]{0,20}["'\`]?[ \\t]{0,3}(?:=>|:=|\\?=|[=:,>])[ \\t]{0,5}["'\`]?(${value})(?![\\w/+=-])`,
    "dgi",
  );

/** Names of what is secret. Not a bare `key`: that is mostly what a value is found by. */
const SECRET_NAME = [
  "(?:access|account|api|app|auth|client|consumer|encryption|master|private|secret|service|signing)[_.-]?key",
  "secret|token|passw(?:or)?d|passphrase|credentials?",
].join("|");

/** `: &str`, `: string`: the type in a declaration. */
const TYPE = "(?::[ \\t]?&?(?:'static )?[A-Za-z]{2,10}(?=[ \\t]?=))?";

/** What stands between a name and its value: assignments, comparisons, calls, lists. */
const ASSIGNS = "(?:=>|:=|\\?=|[=!]={0,2}|[:,(])";

/** Names that hold the words of {@link SECRET_NAME}, but name something else: its hash, a file. */
const NOT_SECRET =
  /(?:token|key|secret|password|credential)s?[_.-]?(?:alg|algorithm|alias|count|digest|endpoint|file|fingerprint|hash|id|index|kind|len|length|limit|name|path|prefix|sha\d*|size|type|ur[il]|version)\b|\.(?:rs|py|go|[ch]|cpp|css|html|java|jsx?|tsx?|json|md|toml|txt|ya?ml)["'`]|pub(?:lic)?[_.-]?(?:key|token)|csrf|tokeniz|idempoten/i;

/** The most particular first: where two claim the same characters, the first one names them. */
export const SECRET_RULES: readonly SecretRule[] = [
  {
    id: "1password-secret-key",
    description: "1Password secret key",
    keywords: ["a3-"],
    pattern:
      /\bA3-[A-Z0-9]{6}-(?:[A-Z0-9]{11}|[A-Z0-9]{6}-[A-Z0-9]{5})-[A-Z0-9]{5}-[A-Z0-9]{5}-[A-Z0-9]{5}\b/dg,
    entropy: 3.8,
  },
  {
    id: "1password-service-account-token",
    description: "1Password service account token",
    keywords: ["ops_eyj"],
    pattern: /ops_eyJ[a-zA-Z0-9+/]{250,4000}={0,3}/dg,
    entropy: 4,
  },
  {
    id: "age-secret-key",
    description: "Secret key of age",
    keywords: ["age-secret-key-1"],
    pattern: /AGE-SECRET-KEY-1[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{58}/dg,
  },
  {
    id: "alibaba-access-key-id",
    description: "Alibaba Cloud access key id",
    keywords: ["ltai"],
    pattern: /\bLTAI[a-zA-Z0-9]{20}\b/dg,
    entropy: 3,
  },
  {
    id: "anthropic-api-key",
    description: "Anthropic API key, also of an administrator",
    keywords: ["sk-ant-"],
    pattern: /\bsk-ant-(?:api03|admin01)-[\w-]{93}AA(?![\w-])/dg,
  },
  {
    id: "artifactory-api-key",
    description: "Artifactory API key",
    keywords: ["akcp"],
    pattern: /\bAKCp[A-Za-z0-9]{69}\b/dg,
    entropy: 4.5,
  },
  {
    id: "artifactory-reference-token",
    description: "Artifactory reference token",
    keywords: ["cmvmd"],
    pattern: /\bcmVmd[A-Za-z0-9]{59}\b/dg,
    entropy: 4.5,
  },
  {
    id: "atlassian-api-token",
    description: "Atlassian API token",
    keywords: ["atatt3"],
    pattern: /\bATATT3[\w=-]{186}/dg,
    entropy: 3.5,
  },
  {
    id: "aws-access-token",
    description: "AWS access key id",
    keywords: ["a3t", "akia", "asia", "abia", "acca"],
    pattern: /\b(?:A3T[A-Z0-9]|AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}\b/dg,
    entropy: 3,
    except: /EXAMPLE$/,
  },
  {
    id: "aws-amazon-bedrock-api-key-long-lived",
    description: "Amazon Bedrock API key",
    keywords: ["absk"],
    pattern: /\bABSK[A-Za-z0-9+/]{109,269}={0,2}/dg,
    entropy: 3,
  },
  {
    id: "azure-ad-client-secret",
    description: "Azure AD client secret",
    keywords: ["q~"],
    pattern: /(?<![\w~.-])[\w~.]{3}\dQ~[\w~.-]{31,34}(?![\w~.-])/dg,
    entropy: 3,
  },
  {
    id: "clojars-api-token",
    description: "Clojars API token",
    keywords: ["clojars_"],
    pattern: /clojars_[a-z0-9]{60}/dgi,
    entropy: 2,
  },
  {
    id: "cloudflare-api-key",
    description: "Cloudflare API key, also the global one",
    keywords: ["cloudflare"],
    pattern: assigned("cloudflare", "[a-z0-9_-]{40}|[a-f0-9]{37}"),
    group: 1,
    entropy: 3,
    isRandom: true,
  },
  {
    id: "cloudflare-origin-ca-key",
    description: "Cloudflare origin CA key",
    keywords: ["v1.0-"],
    pattern: /\bv1\.0-[a-f0-9]{24}-[a-f0-9]{146}\b/dg,
    entropy: 2,
  },
  {
    id: "databricks-api-token",
    description: "Databricks API token",
    keywords: ["dapi"],
    pattern: /\bdapi[a-f0-9]{32}(?:-\d)?\b/dg,
    entropy: 3,
  },
  {
    id: "datadog-access-token",
    description: "Datadog application key",
    keywords: ["datadog"],
    pattern: assigned("datadog", "[a-f0-9]{40}|[a-f0-9]{32}"),
    group: 1,
    entropy: 3,
  },
  {
    id: "digitalocean-token",
    description: "DigitalOcean personal, OAuth or refresh token",
    keywords: ["doo_v1_", "dop_v1_", "dor_v1_"],
    pattern: /\bdo[opr]_v1_[a-f0-9]{64}\b/dg,
    entropy: 3,
  },
  {
    id: "discord-api-token",
    description: "Discord API token or client secret",
    keywords: ["discord"],
    pattern: assigned("discord", "[a-f0-9]{64}|[a-z0-9=_-]{32}"),
    group: 1,
    entropy: 3,
    isRandom: true,
  },
  {
    id: "doppler-api-token",
    description: "Doppler API token",
    keywords: ["dp.pt."],
    pattern: /\bdp\.pt\.[a-zA-Z0-9]{43}\b/dg,
    entropy: 2,
  },
  {
    id: "dynatrace-api-token",
    description: "Dynatrace API token",
    keywords: ["dt0c01."],
    pattern: /\bdt0c01\.[a-zA-Z0-9]{24}\.[a-zA-Z0-9]{64}\b/dg,
    entropy: 4,
  },
  {
    id: "facebook-page-access-token",
    description: "Facebook page access token",
    keywords: ["eaam", "eaac"],
    pattern: /\bEAA[MC][a-zA-Z0-9]{100,400}\b/dg,
    entropy: 4,
  },
  {
    id: "flyio-access-token",
    description: "Fly.io access token",
    keywords: ["fo1_", "fm1a_", "fm1r_", "fm2_"],
    pattern: /\b(?:fo1_[\w-]{43}|fm(?:1[ar]|2)_[a-zA-Z0-9+/]{100,2000}={0,3})/dg,
    entropy: 4,
  },
  {
    id: "gcp-api-key",
    description: "Google API key",
    keywords: ["aiza"],
    pattern: /\bAIza[\w-]{35}(?![\w-])/dg,
    entropy: 4,
  },
  {
    id: "gcp-oauth-client-secret",
    description: "Google OAuth client secret",
    keywords: ["gocspx-"],
    pattern: /\bGOCSPX-[\w-]{28}(?![\w-])/dg,
    entropy: 3,
  },
  {
    id: "github-fine-grained-pat",
    description: "GitHub fine-grained personal access token",
    keywords: ["github_pat_"],
    pattern: /github_pat_\w{82}/dg,
    entropy: 3,
  },
  {
    id: "github-pat",
    description: "GitHub personal access, OAuth, app or refresh token",
    keywords: ["ghp_", "gho_", "ghu_", "ghs_", "ghr_"],
    pattern: /gh[opsur]_[0-9a-zA-Z]{36}(?![0-9a-zA-Z])/dg,
    entropy: 3,
  },
  {
    id: "gitlab-pat",
    description: "GitLab personal access token",
    keywords: ["glpat-"],
    pattern: /\bglpat-(?:[\w-]{27,300}\.[0-9a-z]{9}|[\w-]{20,300})(?![\w-])/dg,
    entropy: 3,
  },
  {
    id: "gitlab-token",
    description: "GitLab token of a job, deployment, runner, trigger, agent or application",
    keywords: [
      ...["glcbt-", "gldt-", "glffct-", "glft-", "glimt-", "glagent-"],
      ...["gloas-", "glptt-", "glrt-", "glsoat-", "gr1348941"],
    ],
    pattern:
      /(?:\bgl(?:cbt-[0-9a-zA-Z]{1,5}_|dt-|ffct-|ft-|imt-|agent-|oas-|ptt-|rt-|soat-)|GR1348941)[\w-]{20,300}(?:\.[0-9a-z]{9})?(?![\w-])/dg,
    entropy: 3,
  },
  {
    id: "grafana-token",
    description: "Grafana API key, cloud or service account token",
    keywords: ["eyj", "glc_", "glsa_"],
    pattern:
      /\b(?:eyJrIjoi[A-Za-z0-9]{70,400}|glc_[A-Za-z0-9+/]{32,400}|glsa_[A-Za-z0-9]{32}_[A-Fa-f0-9]{8})={0,3}(?!\w)/dg,
    entropy: 3,
  },
  {
    id: "hashicorp-tf-api-token",
    description: "Terraform Cloud API token",
    keywords: [".atlasv1."],
    pattern: /\b[a-zA-Z0-9]{14}\.atlasv1\.[\w=-]{60,70}(?![\w=-])/dg,
    entropy: 3.5,
  },
  {
    id: "heroku-api-key",
    description: "Heroku API key",
    keywords: ["heroku", "hrku-aa"],
    pattern: new RegExp(`${assigned("heroku", UUID).source}|\\bHRKU-AA[\\w-]{58}(?![\\w-])`, "dgi"),
    group: 1,
    entropy: 3,
  },
  {
    id: "huggingface-access-token",
    description: "Hugging Face access token, also of an organization",
    keywords: ["hf_", "api_org_"],
    pattern: /\b(?:hf_|api_org_)[a-zA-Z]{34}(?!\w)/dg,
    entropy: 3.5,
  },
  {
    id: "infracost-api-token",
    description: "Infracost API token",
    keywords: ["ico-"],
    pattern: /\bico-[a-zA-Z0-9]{32}(?![\w-])/dg,
    entropy: 3,
  },
  {
    id: "linear-api-key",
    description: "Linear API key",
    keywords: ["lin_api_"],
    pattern: /lin_api_[a-zA-Z0-9]{40}\b/dg,
    entropy: 2,
  },
  {
    id: "mailchimp-api-key",
    description: "Mailchimp API key",
    keywords: ["-us"],
    pattern: /\b[a-f0-9]{32}-us\d\d?\b/dg,
    entropy: 3,
  },
  {
    id: "mailgun-private-api-token",
    description: "Mailgun private API token",
    keywords: ["mailgun"],
    pattern: assigned("mailgun", "key-[a-f0-9]{32}"),
    group: 1,
    entropy: 3,
  },
  {
    id: "microsoft-teams-webhook",
    description: "Microsoft Teams webhook",
    keywords: ["webhook.office.com"],
    pattern: /\bwebhook\.office\.com\/webhookb2\/[\w@/-]{100,250}/dg,
  },
  {
    id: "newrelic-key",
    description: "New Relic key of a user, for insertion, or of a browser",
    keywords: ["nrak-", "nrii-", "nrjs-"],
    pattern: /\bNR(?:AK-[A-Z0-9]{27}|II-[\w-]{32}|JS-[a-f0-9]{19})(?![\w-])/dg,
    entropy: 3,
  },
  {
    id: "notion-api-token",
    description: "Notion API token",
    keywords: ["ntn_"],
    pattern: /\bntn_[0-9]{11}[A-Za-z0-9]{35}\b/dg,
    entropy: 4,
  },
  {
    id: "npm-access-token",
    description: "npm access token",
    keywords: ["npm_"],
    pattern: /\bnpm_[a-zA-Z0-9]{36}\b/dg,
    entropy: 3,
  },
  {
    id: "openai-api-key",
    description: "OpenAI API key",
    keywords: ["t3blbkfj"],
    pattern:
      /\bsk-(?:(?:proj|svcacct|admin)-[\w-]{58,74}T3BlbkFJ[\w-]{58,74}|[a-zA-Z0-9]{20}T3BlbkFJ[a-zA-Z0-9]{20})(?![\w-])/dg,
    entropy: 3,
  },
  {
    id: "openshift-user-token",
    description: "OpenShift user token",
    keywords: ["sha256~"],
    pattern: /\bsha256~[\w-]{43}(?![\w-])/dg,
    entropy: 3.5,
  },
  {
    id: "perplexity-api-key",
    description: "Perplexity API key",
    keywords: ["pplx-"],
    pattern: /\bpplx-[a-zA-Z0-9]{48}\b/dg,
    entropy: 4,
  },
  {
    id: "planetscale-token",
    description: "PlanetScale token or password",
    keywords: ["pscale_tkn_", "pscale_oauth_", "pscale_pw_"],
    pattern: /\bpscale_(?:tkn|oauth|pw)_[\w=.-]{32,64}(?![\w=.-])/dg,
    entropy: 3,
  },
  {
    id: "postman-api-token",
    description: "Postman API token",
    keywords: ["pmak-"],
    pattern: /\bPMAK-[a-f0-9]{24}-[a-f0-9]{34}\b/dg,
    entropy: 3,
  },
  {
    id: "pulumi-api-token",
    description: "Pulumi API token",
    keywords: ["pul-"],
    pattern: /\bpul-[a-f0-9]{40}\b/dg,
    entropy: 2,
  },
  {
    id: "pypi-upload-token",
    description: "PyPI upload token",
    keywords: ["pypi-ageichlwas5vcmc"],
    pattern: /pypi-AgEIcHlwaS5vcmc[\w-]{50,1000}/dg,
    entropy: 3,
  },
  {
    id: "readme-api-token",
    description: "ReadMe API token",
    keywords: ["rdme_"],
    pattern: /\brdme_[a-z0-9]{70}\b/dg,
    entropy: 2,
  },
  {
    id: "rubygems-api-token",
    description: "RubyGems API token",
    keywords: ["rubygems_"],
    pattern: /\brubygems_[a-f0-9]{48}\b/dg,
    entropy: 2,
  },
  {
    id: "sendgrid-api-token",
    description: "SendGrid API token",
    keywords: ["sg."],
    pattern: /\bSG\.[\w=-]{22}\.[\w=-]{43}(?![\w=-])/dg,
    entropy: 3,
  },
  {
    id: "sendinblue-api-token",
    description: "Brevo API token",
    keywords: ["xkeysib-"],
    pattern: /\bxkeysib-[a-f0-9]{64}-[a-zA-Z0-9]{16}\b/dg,
    entropy: 2,
  },
  {
    id: "sentry-token",
    description: "Sentry token of an organization or user",
    keywords: ["sntrys_eyjpyxqio", "sntryu_"],
    pattern: /\b(?:sntrys_eyJpYXQiO[\w+/=]{60,500}|sntryu_[a-f0-9]{64})(?!\w)/dg,
    entropy: 3.5,
  },
  {
    id: "shippo-api-token",
    description: "Shippo API token",
    keywords: ["shippo_"],
    pattern: /\bshippo_(?:live|test)_[a-fA-F0-9]{40}\b/dg,
    entropy: 2,
  },
  {
    id: "shopify-access-token",
    description: "Shopify access token or shared secret",
    keywords: ["shpat_", "shpca_", "shppa_", "shpss_"],
    pattern: /\bshp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}\b/dg,
    entropy: 3,
  },
  {
    id: "slack-app-token",
    description: "Slack app-level token",
    keywords: ["xapp-"],
    pattern: /\bxapp-\d-[A-Z0-9]{1,30}-\d{1,30}-[a-z0-9]{1,100}\b/dgi,
    entropy: 3,
  },
  {
    id: "slack-token",
    description: "Slack token of a bot, user, workspace or configuration",
    keywords: ["xoxa-", "xoxb-", "xoxe-", "xoxe.", "xoxo-", "xoxp-", "xoxr-", "xoxs-"],
    pattern: /\b(?:xoxe\.)?xox[abeoprs]-(?:\d{1,14}-){0,4}[a-zA-Z0-9-]{8,170}(?![\w-])/dg,
    entropy: 3,
  },
  {
    id: "slack-webhook-url",
    description: "Slack webhook",
    keywords: ["hooks.slack.com"],
    pattern: /hooks\.slack\.com\/(?:services|workflows|triggers)\/([A-Za-z0-9+/]{43,56})(?!\w)/dg,
    group: 1,
    entropy: 3,
  },
  {
    id: "square-access-token",
    description: "Square access token",
    keywords: ["sq0atp-", "sq0csp-"],
    pattern: /\bsq0(?:atp|csp)-[\w-]{22,60}(?![\w-])/dg,
    entropy: 3,
  },
  {
    id: "stripe-access-token",
    description: "Stripe secret or restricted key",
    keywords: ["sk_test_", "sk_live_", "sk_prod_", "rk_test_", "rk_live_", "rk_prod_"],
    pattern: /\b[sr]k_(?:test|live|prod)_[a-zA-Z0-9]{10,200}\b/dg,
    entropy: 3,
  },
  {
    id: "telegram-bot-api-token",
    description: "Telegram bot token",
    keywords: [":aa"],
    pattern: /\b[0-9]{8,10}:AA[\w-]{33}(?![\w-])/dg,
    entropy: 3,
  },
  {
    id: "twilio-api-key",
    description: "Twilio API key or authentication token",
    keywords: ["twilio"],
    pattern: assigned("twilio", "(?:SK)?[0-9a-f]{32}"),
    group: 1,
    entropy: 3,
  },
  {
    id: "vault-token",
    description: "HashiCorp Vault service or batch token",
    keywords: ["hvs.", "hvb."],
    pattern: /\bhv[bs]\.[\w-]{90,300}(?![\w-])/dg,
    entropy: 3.5,
  },
  {
    id: "yandex-key",
    description: "Yandex API key",
    keywords: ["aqvn"],
    pattern: /\bAQVN[\w-]{35,38}(?![\w-])/dg,
    entropy: 3,
  },
  {
    id: "jwt",
    description: "JSON web token",
    keywords: ["eyj"],
    pattern:
      /(?<![\w/+-])eyJ[\w/+-]{14,4000}={0,2}\.ey[\w/+-]{14,8000}={0,2}\.(?:[\w/+-]{10,4000}={0,2})?/dg,
    entropy: 3,
  },
  {
    id: "url-password",
    description: "Password in a URL",
    keywords: ["://"],
    // A password of letters alone may be a word of the documentation's: those are in `except`.
    pattern:
      /\b[a-z][a-z0-9+.-]{1,15}:\/\/[^\s:/?#@'"`<>{}()$\\,;]{0,64}:([^\s/?#@'"`<>{}()$\\,;]{3,150})@(?=[\w[])/dgi,
    group: 1,
    except:
      /:\/\/([^:]*):\1@|:(?:foo|bar|baz|x+|\*+|\.+|test|user|root|guest|admin|(?:my|your|the)?[_-]?(?:pass|passwd|password|pw|pwd|secret|token)[_-]?(?:word|here|\d)?\]?)@$/i,
  },
  {
    id: "authorization-header",
    description: "Credentials in an Authorization header",
    keywords: ["authorization"],
    pattern:
      /authorization["'`]?[ \t]{0,3}[:=,][ \t]{0,5}["'`]?(?:bearer|basic|token)[ \t]{1,3}([\w.~+/-]{12,500}={0,2})/dgi,
    group: 1,
    entropy: 3.2,
    isRandom: true,
  },
  {
    id: "generic-secret-bytes",
    description: "A string of escaped bytes under the name of something secret",
    keywords: ["\\x"],
    pattern: new RegExp(
      `(?:${SECRET_NAME})[\\w.-]{0,20}["'\`\\]]{0,2}${TYPE}[ \\t]{0,3}${ASSIGNS}[ \\t]{0,5}b?["'\`]((?:[^"'\\\\]{0,40}\\\\(?:x[0-9a-f]{2}|[^x])){3,100}[^"'\\\\]{0,40})["'\`]`,
      "dgi",
    ),
    group: 1,
    entropy: 3,
    isRandom: true,
    except: NOT_SECRET,
  },
  {
    id: "generic-api-key",
    description: "A string that reads like no words, under the name of something secret",
    keywords: ["key", "secret", "token", "passwd", "password", "passphrase", "credential"],
    pattern: new RegExp(
      `(?:${SECRET_NAME})[\\w.-]{0,20}["'\`\\]]{0,2}${TYPE}[ \\t]{0,3}${ASSIGNS}[ \\t]{0,5}(?:b?["'\`])?([\\w.+/~!@#%^&*-][\\w.=+/~!@#%^&*-]{9,199})(?=["'\`]|[ \\t\\r]{0,3}$)`,
      "dgi",
    ),
    group: 1,
    entropy: 3.5,
    isRandom: true,
    except: NOT_SECRET,
  },
];
