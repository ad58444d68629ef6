import { producerOf } from "@repotune/schema";

/** This package, as artefacts name it. */
export const producer = producerOf(import.meta.url);
