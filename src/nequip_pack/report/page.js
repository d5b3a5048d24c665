"use strict";
const search = document.getElementById("search");
const imports = document.getElementById("imports");
const leaves = [...imports.querySelectorAll("[data-module]")];

function show(text) {
  for (const leaf of leaves) leaf.hidden = text !== "";
  let found = 0;
  for (const leaf of leaves) {
    const hit = text !== "" && leaf.dataset.module.toLowerCase().includes(text);
    leaf.classList.toggle("hit", hit);
    if (!hit) continue;
    found += 1;
    for (let up = leaf; up && up !== imports; up = up.parentElement) {
      up.hidden = false;
      if (up.tagName === "DETAILS") up.open = true;
    }
  }
  document.getElementById("found").textContent = text === "" ? "" : `${found} found`;
}

search.addEventListener("input", () => show(search.value.trim().toLowerCase()));
document.getElementById("unfold").addEventListener("click", () => {
  for (const one of imports.querySelectorAll("details")) one.open = true;
});
document.getElementById("fold").addEventListener("click", () => {
  for (const one of imports.querySelectorAll("details")) one.open = false;
});
