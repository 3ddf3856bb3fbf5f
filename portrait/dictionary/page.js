"use strict";
const byId = (id) => document.getElementById(id);
const words = byId("words"), personal = byId("personal"), open = byId("open");
const sections = [...document.querySelectorAll("section")];
const tables = [...document.querySelectorAll("article")].map((article) => ({
  article,
  details: article.querySelector("details"),
  text: article.querySelector("header").textContent.toLowerCase(),
  rows: [...article.querySelectorAll("details tbody tr")].map((row) => (
    {row, text: row.textContent.toLowerCase()})),
}));

function say(language) {
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
  for (const button of document.querySelectorAll("[data-language]")) {
    button.setAttribute("aria-pressed", button.dataset.language === language);
  }
}

// All words stand in the column, or some there and the others in what is said of its table. A table
// of which all words are said is shown with all its columns.
function search() {
  const wanted = words.value.toLowerCase().split(/\s+/).filter(Boolean);
  let tableCount = 0, columnCount = 0;
  for (const {article, details, text, rows} of tables) {
    const inTable = wanted.every((word) => text.includes(word));
    const found = rows.filter((one) =>
      wanted.every((word) => one.text.includes(word) || text.includes(word))
      && (inTable || wanted.some((word) => one.text.includes(word)))
      && (!personal.checked || "personal" in one.row.dataset));
    const shown = new Set(found);
    let hits = 0;
    for (const one of rows) {
      one.row.hidden = !shown.has(one);
      const isHit = shown.has(one) && wanted.length > 0
        && (!inTable || wanted.every((word) => one.text.includes(word)));
      one.row.classList.toggle("hit", isHit);
      hits += isHit ? 1 : 0;
    }
    article.hidden = found.length === 0 && (personal.checked || !inTable);
    details.open = hits > 0 || (personal.checked && found.length > 0);
    tableCount += article.hidden ? 0 : 1;
    columnCount += found.length;
  }
  for (const section of sections) {
    section.hidden = !section.querySelector("article:not([hidden])");
  }
  open.setAttribute("aria-pressed", "false");
  byId("tables").textContent = tableCount;
  byId("columns").textContent = columnCount;
  byId("some").hidden = tableCount === 0;
  byId("none").hidden = tableCount > 0;
}

// #lang=zh, #find=recency, #marts.customer_rfm, or several of them with & between.
function follow() {
  for (const part of decodeURIComponent(location.hash.slice(1)).split("&")) {
    const target = part && byId(part);
    if (part.startsWith("lang=")) {
      say(part.slice(5));
    } else if (part.startsWith("find=")) {
      words.value = part.slice(5);
      search();
    } else if (target) {
      if (target.closest("[hidden]")) {
        words.value = "";
        personal.checked = false;
        search();
      }
      const details = target.querySelector(":scope > details");
      if (details) details.open = true;
      target.scrollIntoView();
    }
  }
}

for (const button of document.querySelectorAll("[data-language]")) {
  button.addEventListener("click", () => say(button.dataset.language));
}
open.addEventListener("click", () => {
  const isOpen = open.getAttribute("aria-pressed") !== "true";
  open.setAttribute("aria-pressed", isOpen);
  for (const {details} of tables) details.open = isOpen;
});
words.addEventListener("input", search);
personal.addEventListener("change", search);
window.addEventListener("hashchange", follow);
let closed = [];
window.addEventListener("beforeprint", () => {
  closed = tables.map(({details}) => details).filter((details) => !details.open);
  for (const details of closed) details.open = true;
});
window.addEventListener("afterprint", () => {
  for (const details of closed) details.open = false;
});
byId("controls").hidden = false;
say(navigator.language.startsWith("zh") ? "zh" : "en");
search();
follow();
