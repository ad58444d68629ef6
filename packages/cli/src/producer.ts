import { producerOf } from "@repotune/schema";

/** This package and its version. */
export const producer = producerOf(import.meta.url);
