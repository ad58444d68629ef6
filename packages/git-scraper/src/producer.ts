import { producerOf } from "@repotune/schema";

/** This package and its version, as artefacts record it. */
export const producer = producerOf(import.meta.url);
