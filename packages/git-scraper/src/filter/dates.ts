import { StageError } from "@repotune/schema";

/** A day, or a moment: to the minute or second, with an offset; without one it is UTC. */
const ISO =
  /^\d{4}-\d{2}-\d{2}(?:(?<time>[T ]\d{2}:\d{2}(?::\d{2})?)(?<zone>Z|[+-]\d{2}:?\d{2})?)?$/i;

const DAY_SECONDS = 86_400;

/**
 * The seconds since 1970 of a date in ISO 8601. For a day it is its first second, or its last.
 *
 * @param name of the option, for the error.
 * @throws {StageError} `E_USAGE` for what is no such date, such as `yesterday` or 30 February.
 */
export function dateSeconds(text: string, name: "since" | "until"): number {
  const trimmed = text.trim();
  const { time, zone = "Z" } = ISO.exec(trimmed)?.groups ?? {};
  const day = trimmed.slice(0, 10);
  const midnight = Date.parse(`${day}T00:00:00Z`);
  const offset = zone.replace(/^([+-]\d{2}):?(\d{2})$/, "$1:$2").toUpperCase();
  const moment = time === undefined ? midnight : Date.parse(`${day}T${time.slice(1)}${offset}`);
  // A date that rolls over (30 February) comes back as another day.
  const isDay = !Number.isNaN(midnight) && new Date(midnight).toISOString().startsWith(day);
  if (!ISO.test(trimmed) || !isDay || Number.isNaN(moment)) {
    throw new StageError("E_USAGE", `--${name} "${text}" is no date.`, {
      hint: "Give a day or a moment in ISO 8601: 2025-01-31, 2025-01-31T12:00:00Z or …+02:00.",
    });
  }
  const lastOfDay = time === undefined && name === "until" ? DAY_SECONDS - 1 : 0;
  return moment / 1000 + lastOfDay;
}

/** A date in its normal form, UTC to the second. */
export const normalDate = (text: string, name: "since" | "until"): string =>
  new Date(dateSeconds(text, name) * 1000).toISOString().replace(".000Z", "Z");
