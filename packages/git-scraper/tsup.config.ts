import { copyFile } from "node:fs/promises";
import { library } from "../../tsup.base.ts";

export default {
  ...library({ index: "src/index.ts" }),
  // Loading its seven hundred files takes ten times as long as starting Node.
  noExternal: [/^typebox/],
  onSuccess: () => copyFile("node_modules/typebox/license", "dist/typebox.LICENSE"),
};
