// The steps of choosing the terms of use: what each asks, and which guidelines it rests on.

export interface PolicyStep {
  /** As the fields of the form name it. */
  id: string;
  name: string;
  title: string;
  about: string;
  guides: { guide: string; section: string }[];
}

export const STEPS: PolicyStep[] = [
  {
    id: "data",
    name: "Data",
    title: "What data are these, and why may you share them?",
    about: "How they were de-identified, on what law the sharing rests, and what the consent of the people leaves out.",
    guides: [
      { guide: "contributors", section: "what-pseudonymous-means-for-slides" },
      { guide: "contributors", section: "lawful-basis" },
      { guide: "contributors", section: "consent" },
      { guide: "contributors", section: "animal-studies" },
    ],
  },
  {
    id: "access",
    name: "Access",
    title: "How do people get at them?",
    about: "Whether anybody, known researchers or only those whom a committee lets in; and whether people see the images at all.",
    guides: [
      { guide: "contributors", section: "access-and-codes" },
      { guide: "contributors", section: "european-health-data-space" },
    ],
  },
  {
    id: "uses",
    name: "Uses",
    title: "What may they be used for?",
    about: "One permission, and which kinds of use it leaves out. What you do not say in a code, people judge for each application.",
    guides: [{ guide: "contributors", section: "access-and-codes" }],
  },
  {
    id: "limits",
    name: "Limits",
    title: "By whom, where and how long?",
    about: "Each limit turns somebody away. Beside it you see whom.",
    guides: [{ guide: "contributors", section: "transfers-outside-the-eea" }],
  },
  {
    id: "return",
    name: "In return",
    title: "What do users owe you?",
    about: "What they do before, with and after their work: acknowledge, cite, publish, give back.",
    guides: [{ guide: "contributors", section: "use-by-artificial-intelligence" }],
  },
  {
    id: "house",
    name: "Responsibility",
    title: "Who answers for the data, and until when?",
    about: "Who decides about them, who works with them on their behalf, and how long they are kept.",
    guides: [
      { guide: "contributors", section: "roles" },
      { guide: "contributors", section: "impact-assessment" },
      { guide: "contributors", section: "retention-and-withdrawal" },
      { guide: "contributors", section: "incidents" },
    ],
  },
];
