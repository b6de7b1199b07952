// Draw the diagrams, in the colours of the page; without this script they stay readable as text.
const dark = matchMedia("(prefers-color-scheme: dark)").matches && document.body.dataset.theme !== "light"
  || document.body.dataset.theme === "dark";
const asWideAsItIs = { useMaxWidth: false }; // a wide one scrolls: shrunk to the column nobody could read it
mermaid.initialize({
  startOnLoad: false,
  theme: dark ? "dark" : "neutral",
  securityLevel: "strict",
  flowchart: asWideAsItIs,
  sequence: asWideAsItIs,
});
const diagrams = document.querySelectorAll(".highlight-mermaid pre");
for (const diagram of diagrams) diagram.textContent = diagram.textContent.trim(); // without the marks of a highlighter
mermaid.run({ nodes: diagrams });
