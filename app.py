"""The page, for ``streamlit run app.py``; ``assistant web`` starts it as well."""

from assistant.web_page import main

main()
