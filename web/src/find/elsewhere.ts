// A question as one writes it in a shell and in Python.

export const commandLine = (where: string, node: string): string => `bigpicture search ${inShell(where)} --node ${node}`;

/** JSON's strings are Python's, too. */
export const python = (where: string, node: string): string =>
  `import bigpicture\n\nfor image in bigpicture.query(${JSON.stringify(where)}, node=${JSON.stringify(node)}):\n    print(image.accession)`;

/** Between single quotation marks nothing has a meaning but themselves (POSIX, Shell Command Language, 2.2.2). */
export const inShell = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
