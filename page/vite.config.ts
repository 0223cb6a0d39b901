import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// A running `basira run` or `basira demo`; its web process serves the API and, in production, this page.
const server = process.env["BASIRA_SERVER"] ?? "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [react()],
  build: {
    outDir: "../src/basira/web/page",
    emptyOutDir: true,
    sourcemap: false,
    chunkSizeWarningLimit: 900,
    // Fonts stay files of their own: the content security policy allows no data: fonts.
    assetsInlineLimit: 0,
  },
  server: {
    proxy: { "/api": { target: server, ws: true } },
  },
  test: {
    environment: "jsdom",
    setupFiles: ["tests/setup.ts"],
    include: ["tests/**/*.test.{ts,tsx}"],
    css: false,
    isolate: false,
    testTimeout: 60_000,
  },
});
