"""What Streamlit runs: see ``web_page``."""

from assistant.web_page import main

main()
