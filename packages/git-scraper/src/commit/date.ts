/** The last second a JavaScript date can hold. */
const LAST_SECOND = 8.64e12;

/**
 * ISO 8601 in the given time zone, e.g. `2025-01-01T01:00:00+01:00`.
 *
 * @param zone as in a commit object; one that is no offset (`+9999`) counts as UTC.
 * @returns null if `seconds` is no date.
 */
export function isoDate(seconds: number | undefined, zone: string): string | null {
  if (seconds === undefined || seconds > LAST_SECOND - 86_400) return null;
  const { 1: sign = "+", 2: digits = "0000" } = /^([+-])(\d{1,4})$/.exec(zone) ?? [];
  const hours = Math.floor(Number(digits) / 100);
  const minutes = Number(digits) % 100;
  const isOffset = hours < 24 && minutes < 60;
  const offset = isOffset ? (hours * 60 + minutes) * (sign === "-" ? -1 : 1) : 0;
  const local = new Date((seconds + offset * 60) * 1000).toISOString().slice(0, -5);
  const suffix = isOffset ? `${pad(hours)}:${pad(minutes)}` : "00:00";
  return `${local}${offset < 0 ? "-" : "+"}${suffix}`;
}

/** Seconds since 1970 as an integer any reader can hold; 0 for what is no date. */
export const unixSeconds = (seconds: number | undefined): number =>
  seconds === undefined || seconds > LAST_SECOND - 86_400 ? 0 : seconds;

const pad = (value: number) => String(value).padStart(2, "0");
