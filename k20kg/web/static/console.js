/* Conveniences of the console; it works without them. Ctrl+Enter runs the query, after a fault the
   cursor stands where the fault is, tokens have colours, and terms are offered while one types.
   Colours lie in a copy of the text behind the field; the terms are asked of this endpoint, once. */
"use strict";

const TOKEN = new RegExp(
  [
    "(?<c>#[^\\n]*)",
    "(?<t>\"\"\"[^]*?\"\"\"|'''[^]*?'''|\"(?:[^\"\\\\\\n]|\\\\.)*\"|'(?:[^'\\\\\\n]|\\\\.)*')",
    "(?<n><[^<>\"{}|^`\\\\\\s]*>|(?:[A-Za-z][\\w.-]*)?:[\\w.%-]*)",
    "(?<v>[?$]\\w+)",
    "(?<w>[A-Za-z]\\w*)",
  ].join("|"),
  "g",
);
const TERMS = `SELECT DISTINCT ?term (STR(?name) AS ?label) WHERE {
  VALUES ?kind { owl:Class owl:ObjectProperty owl:DatatypeProperty owl:AnnotationProperty
                 owl:NamedIndividual skos:Concept }
  ?term a ?kind ; skos:prefLabel|rdfs:label ?name
  FILTER(isIRI(?term) && LANGMATCHES(LANG(?name), "en"))
} ORDER BY ?term`;
const MOST = 12;

/* Runs on Ctrl+Enter, and puts the cursor where a fault is. */
function begin(box) {
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

/* Keeps a coloured copy of the text behind the field; returns where its characters are drawn. */
function colour(box, words) {
  const copy = document.createElement("pre");
  copy.className = "copy";
  copy.setAttribute("aria-hidden", "true");
  box.before(copy);
  box.classList.add("over");
  const draw = () => {
    const parts = [];
    let end = 0;
    for (const found of box.value.matchAll(TOKEN)) {
      let [kind] = Object.entries(found.groups).find(([, said]) => said !== undefined);
      if (kind === "w") kind = words.has(found[0].toUpperCase()) || found[0] === "a" ? "k" : "";
      const span = document.createElement("span");
      span.className = kind;
      span.textContent = found[0];
      parts.push(box.value.slice(end, found.index), span);
      end = found.index + found[0].length;
    }
    copy.replaceChildren(...parts, `${box.value.slice(end)}\n`);
    copy.scrollTop = box.scrollTop;
  };
  box.addEventListener("input", draw);
  box.addEventListener("scroll", () => { copy.scrollTop = box.scrollTop; });
  new ResizeObserver(draw).observe(box);
  draw();
  return (at) => {
    const range = document.createRange();
    const walk = document.createTreeWalker(copy, NodeFilter.SHOW_TEXT);
    let left = at;
    while (walk.nextNode() && left >= walk.currentNode.length) left -= walk.currentNode.length;
    range.setStart(walk.currentNode, left);
    range.setEnd(walk.currentNode, left + 1); // an empty range at the start of a line has no place
    const drawn = range.getBoundingClientRect();
    const whole = box.parentNode.getBoundingClientRect();
    return { left: drawn.left - whole.left, top: drawn.bottom - whole.top };
  };
}

/* Asks for the terms there are, once: short name and label of each. */
function terms(endpoint, prefixes) {
  let asked;
  return () => {
    asked ??= fetch(`${endpoint}?${new URLSearchParams({ query: TERMS, format: "json" })}`)
      .then((answer) => (answer.ok ? answer.json() : { results: { bindings: [] } }))
      .then((answer) => answer.results.bindings.flatMap(({ term, label }) => {
        const [name, space] = prefixes.find(([, one]) => term.value.startsWith(one)) ?? [];
        const rest = space && term.value.slice(space.length);
        return rest && /^[\w.-]+$/.test(rest) ? [{ name: `${name}:${rest}`, label: label.value }] : [];
      }))
      .catch(() => []);
    return asked;
  };
}

/* Returns what may be meant by the end of a text: prefixes, words of SPARQL and terms. */
function meant(typed, prefixes, words, known) {
  const low = typed.toLowerCase();
  const [, before, rest] = /^(.*:)?(.*)$/.exec(low);
  const simple = before ? [] : [
    ...prefixes.filter(([name]) => name.startsWith(low)).map(([name, label]) => ({ name: `${name}:`, label })),
    ...[...words].filter((word) => word.startsWith(typed.toUpperCase())).map((name) => ({ name, label: "" })),
  ];
  const near = known.filter(({ name, label }) => {
    const short = name.toLowerCase();
    if (before && !short.startsWith(before)) return false;
    return short.split(":")[1].startsWith(rest) || ` ${label.toLowerCase()}`.includes(` ${rest}`);
  });
  return [...simple, ...near].filter(({ name }) => name !== typed).slice(0, MOST);
}

/* Offers terms beside the cursor: arrows choose, Enter or Tab takes what is chosen. */
function offer(box, place, prefixes, words, ask) {
  const list = document.createElement("ul");
  const said = document.getElementById("said");
  let found = [];
  let chosen = -1;
  let begun = 0;
  Object.assign(list, { id: "terms", className: "terms", role: "listbox", ariaLabel: "Terms", hidden: true });
  box.after(list);
  box.setAttribute("aria-autocomplete", "list");
  box.setAttribute("aria-controls", "terms");

  const close = () => {
    [found, chosen, list.hidden] = [[], -1, true];
    box.removeAttribute("aria-activedescendant");
  };
  const choose = (to) => {
    chosen = (to + found.length) % found.length;
    [...list.children].forEach((item, n) => { item.ariaSelected = String(n === chosen); });
    list.children[chosen].scrollIntoView({ block: "nearest" });
    box.setAttribute("aria-activedescendant", `term-${chosen}`);
  };
  const take = (n) => {
    const end = box.selectionStart;
    box.setRangeText(found[n].name + (found[n].name.endsWith(":") ? "" : " "), begun, end, "end");
    close();
    box.dispatchEvent(new Event("input", { bubbles: true }));
    box.focus();
  };
  const look = async (wanted) => {
    const end = box.selectionStart;
    const [typed] = /[\w.-]*:?[\w.-]*$/.exec(box.value.slice(0, end));
    const sign = box.value[end - typed.length - 1] ?? "";
    if (box.selectionEnd !== end || /[?$<#"'\w/]/.test(sign) || (!wanted && typed.length < 2)) return close();
    const known = await ask();
    if (box.selectionStart !== end) return undefined;
    found = meant(typed, prefixes, words, known);
    if (!found.length) return close();
    [begun, chosen] = [end - typed.length, -1];
    box.removeAttribute("aria-activedescendant");
    list.replaceChildren(...found.map(({ name, label }, n) => {
      const item = document.createElement("li");
      Object.assign(item, { id: `term-${n}`, role: "option", ariaSelected: "false" });
      const code = document.createElement("code");
      code.textContent = name;
      item.append(code, ` ${label}`);
      item.addEventListener("mousedown", (event) => { event.preventDefault(); take(n); });
      return item;
    }));
    list.hidden = false;
    const { left, top } = place(begun);
    list.style.left = `${Math.max(0, Math.min(left, box.clientWidth - list.offsetWidth))}px`;
    list.style.top = `${top}px`;
    said.textContent = `${found.length} offered, the first is ${found[0].name}`;
    return undefined;
  };

  box.addEventListener("input", () => look(false));
  box.addEventListener("blur", close);
  box.addEventListener("keydown", (event) => {
    if (event.key === " " && event.ctrlKey) {
      event.preventDefault();
      look(true);
    } else if (!found.length || event.ctrlKey || event.metaKey) {
      return;
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      choose(event.key === "ArrowDown" ? chosen + 1 : Math.max(chosen, 0) - 1);
    } else if ((event.key === "Enter" || event.key === "Tab") && chosen >= 0) {
      event.preventDefault();
      take(chosen);
    } else if (event.key === "Escape" || event.key.startsWith("Arrow")) {
      close();
    }
  });
}

/* Copies the address of the query as it is typed. */
function share(box, button) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const address = new URL(box.form.action);
    address.search = new URLSearchParams({ query: box.value });
    history.replaceState(null, "", address);
    const copied = await navigator.clipboard?.writeText(address.href).then(() => true, () => false);
    button.textContent = copied ? "Copied" : "It is in the address bar";
  });
}

const box = document.getElementById("query");
if (box) {
  const words = new Set(box.dataset.words.split(" "));
  const rows = [...document.querySelectorAll(".prefixes dt")];
  const prefixes = rows.map((one) => [one.textContent.slice(0, -1), one.nextElementSibling.textContent]);
  begin(box);
  offer(box, colour(box, words), prefixes, words, terms(box.form.dataset.endpoint, prefixes));
  share(box, document.getElementById("share"));
  document.getElementById("keys").hidden = false;
}
