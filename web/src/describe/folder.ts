// The slides of a picked folder, by their names: a slide may be a file, or a file with a folder beside it.

const SLIDES = /\.(svs|ndpi|vms|mrxs|scn|bif|vsi|czi|qptiff|isyntax|tiff?|dcm|dicom|svslide|png|jpe?g)$/i;

/** Paths below the picked folder. Files that belong to another (of MIRAX, DICOM) count once. */
export function slideNames(files: File[]): string[] {
  const paths = files.map((file) => (file.webkitRelativePath || file.name).split("/").slice(file.webkitRelativePath ? 1 : 0).join("/"));
  const heads = new Set(paths.filter((path) => /\.(mrxs|vms|vsi)$/i.test(path)).map((path) => path.replace(/\.[^.]+$/, "")));
  const found = new Set<string>();
  for (const path of paths.filter((one) => SLIDES.test(one) && !one.split("/").some((part) => part.startsWith(".")))) {
    const folder = path.slice(0, Math.max(0, path.lastIndexOf("/")));
    if ([...heads].some((head) => path.startsWith(`${head}/`) || path.startsWith(`_${head}_/`))) continue;
    // a folder of DICOM instances is one slide
    found.add(/\.(dcm|dicom)$/i.test(path) && folder ? folder : path);
  }
  return [...found].sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
}
