// The ways in which what was found is shown.
import type { IconName } from "../parts/Icon.svelte";

export type View = "grid" | "table" | "charts";
export const VIEWS: Record<View, { label: string; icon: IconName }> = {
  grid: { label: "Grid", icon: "grid" },
  table: { label: "Table", icon: "table" },
  charts: { label: "Charts", icon: "chart" },
};
