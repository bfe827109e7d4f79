// Puts the cursor into the box when the page has loaded, unless it is somewhere already.
(() => {
  const focus = (left) => {
    const box = document.querySelector(".st-key-q input");
    if (box && document.activeElement === document.body) box.focus();
    else if (!box && left) setTimeout(() => focus(left - 1), 50);
  };
  focus(100);

  // Code inside lists and quotes has a button of ours; other code has Streamlit's.
  document.addEventListener("click", async (event) => {
    const button = event.target.closest(".stHtml button.copy");
    if (!button) return;
    await navigator.clipboard.writeText(button.previousElementSibling.textContent);
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = "Copy"; }, 1500);
  });
})();
