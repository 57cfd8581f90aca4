// Before anything is painted: light or dark as this tab was set; untouched, the system decides.
const chosen = sessionStorage.getItem("theme");
if (chosen) document.documentElement.dataset.theme = chosen;
