/** The one look at the clock; `SOURCE_DATE_EPOCH` (seconds) pins it for reproducible output. */
export function now(): string {
  const pinned = process.env.SOURCE_DATE_EPOCH;
  const date = pinned && /^\d{1,12}$/.test(pinned) ? new Date(Number(pinned) * 1000) : new Date();
  return date.toISOString();
}
