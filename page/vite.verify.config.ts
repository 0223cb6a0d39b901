import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

/** Puts scripts and styles into the HTML itself, so that one file is the whole program. */
function oneFile(): Plugin {
  return {
    name: "one-file",
    enforce: "post",
    generateBundle(_options, bundle) {
      const texts = new Map<string, string>();
      for (const [name, part] of Object.entries(bundle)) {
        if (name.endsWith(".html")) continue;
        texts.set(name, part.type === "chunk" ? part.code : String(part.source));
        delete bundle[name];
      }
      for (const part of Object.values(bundle)) {
        if (part.type !== "asset") continue;
        const inlined = String(part.source)
          .replace(/<link rel="stylesheet"[^>]*href="\/([^"]+)"[^>]*>/g, (_tag, name: string) => {
            return `<style>${texts.get(name)}</style>`;
          })
          .replace(/<script type="module"[^>]*src="\/([^"]+)"[^>]*><\/script>/g, (_tag, name: string) => {
            return `<script type="module">${texts.get(name)?.replaceAll("</script", "<\\/script")}</script>`;
          });
        part.source = inlined;
        part.fileName = "basira-verify.html";
      }
    },
  };
}

/** The verifier of evidence bundles as one HTML file that works from a disk, beside the page that the recorder serves. */
export default defineConfig({
  plugins: [react(), oneFile()],
  publicDir: false,
  build: {
    outDir: "../src/basira/web/page",
    emptyOutDir: false,
    cssCodeSplit: false,
    assetsInlineLimit: Number.MAX_SAFE_INTEGER,
    modulePreload: false,
    chunkSizeWarningLimit: 2000,
    rollupOptions: { input: "verify.html", output: { codeSplitting: false } },
  },
});
