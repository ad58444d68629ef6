import koffi from "koffi";
import { native } from "../../src/native/load.ts";
import { findLibrary } from "../../src/native/locate.ts";
import { declareLlamaQuantize } from "./declare-llama-quantize.ts";

/** Quantises a model with llama.cpp's own code, of the release that the bindings load. */
export const llamaQuantize = declareLlamaQuantize(koffi, findLibrary(native().build, "llama"));
