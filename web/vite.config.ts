// How the portal is built: its files ship inside the Python wheel, so they land in the package.
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";

/** The node that `npm run dev` talks to. */
const node = "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [svelte()],
  build: {
    outDir: "../src/bigpicture/api/portal",
    emptyOutDir: true,
    target: "es2022",
    // Everything a page needs is a file of its own: the content security policy allows no data: scripts or fonts.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 700,
  },
  server: { proxy: { "/api": node, "/tiles": node } },
});
