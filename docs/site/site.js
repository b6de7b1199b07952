// Draw the diagrams; without this script they stay readable as text.
const asWideAsItIs = { useMaxWidth: false }; // a wide one scrolls: shrunk to the column nobody could read it
mermaid.initialize({
  startOnLoad: false,
  theme: "neutral", // on white in the dark too: the dark theme writes grey on grey
  securityLevel: "strict",
  flowchart: asWideAsItIs,
  sequence: asWideAsItIs,
});
const diagrams = document.querySelectorAll(".highlight-mermaid pre");
for (const diagram of diagrams) diagram.textContent = diagram.textContent.trim(); // without the marks of a highlighter
mermaid.run({ nodes: diagrams });

// What the theme leaves out for those who hear the page or have no mouse: names of its parts, boxes that scroll by keys.
const set = (places, member, value) => { for (const place of document.querySelectorAll(places)) place[member] = value; };
set("[role=heading]:not([aria-level])", "ariaLevel", "2");
set(".sidebar-drawer", "ariaLabel", "All pages");
set(".toc-drawer", "ariaLabel", "On this page");
set("pre, .table-wrapper", "tabIndex", 0);
set("th:empty, th:has(> p:only-child:empty)", "role", "presentation");
if (!document.querySelector("h1")) { // the page of the search
  const heading = document.createElement("h1");
  heading.textContent = "Search";
  document.querySelector("article").prepend(heading);
}
