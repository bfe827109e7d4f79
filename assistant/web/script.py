"""What Streamlit runs: see ``page``."""

from assistant.web.page import main

main()
