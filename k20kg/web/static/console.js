/* Conveniences of the console; it works without them. Ctrl+Enter runs the query, and after a
   fault the cursor stands where the fault is. */
"use strict";
const box = document.getElementById("query");
if (box) {
  box.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      box.form.requestSubmit();
    }
  });
  const line = Number(box.dataset.line);
  if (line > 0) {
    const before = box.value.split("\n").slice(0, line - 1).join("\n").length;
    const at = before + (line > 1 ? 1 : 0) + Math.max(0, Number(box.dataset.column) - 1);
    box.focus();
    box.setSelectionRange(at, at);
  }
}
