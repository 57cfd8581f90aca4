// A tab of the playground. The server makes all HTML; this sends what is done and puts what comes back in its place.
import { shortcut, press } from "./dialogs.js";
import { startComposer } from "./composer.js";
import { attach, detach } from "./files.js";
import { follow } from "./live.js";
import { markRead, moveAmong, showOlder, toNewest, toggleThread, unfold } from "./messages.js";
import { edit, remove } from "./own.js";

const on = (selector, act) => (event) => {
  const found = event.target.closest?.(selector);
  if (found) act(found, event);
};

document.addEventListener("click", on("[data-press]", press));
document.addEventListener("click", on("[data-shortcut]", shortcut));
document.addEventListener("click", on("[data-unfold]", unfold));
document.addEventListener("click", on("[data-edit]", edit));
document.addEventListener("click", on("[data-delete]", remove));
document.addEventListener("click", on("[data-detach]", detach));
document.addEventListener("change", on("[data-upload]", attach));
document.addEventListener("click", on("[data-older]", showOlder));
document.addEventListener("click", on("[data-open-thread], [data-close-thread]", toggleThread));
document.addEventListener("click", on("[data-newer]", toNewest));
document.addEventListener("click", on("[data-theme-switch]", switchTheme));
document.addEventListener("keydown", on(".message", moveAmong));
document.addEventListener("click", (event) => closeMenus(event.target));
document.addEventListener("keydown", (event) => event.key === "Escape" && closeMenus(null));
document.addEventListener("visibilitychange", markRead);
window.addEventListener("popstate", () => location.reload());

function switchTheme() {
  const root = document.documentElement;
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
  sessionStorage.setItem("theme", root.dataset.theme);
}

function closeMenus(target) {
  for (const menu of document.querySelectorAll(".menu[open]")) {
    if (menu.contains(target)) continue;
    menu.open = false;
    if (!target) menu.querySelector("summary").focus();
  }
}

document.querySelectorAll(".composer").forEach(startComposer);
if (matchMedia("(hover: hover)").matches) document.querySelector("#reply, #composer")?.focus();
markRead();
follow();
