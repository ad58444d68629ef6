/** The size from which git itself, as configured here, treats a file as too big for a diff. */
export const MAX_OBJECT_BYTES: number = 64 << 20;

/** git's exit status when it gives up over what it reads. */
export const DIED = 128;
