"""The page, for ``streamlit run app.py``; ``assistant web`` starts it as well."""

from streamlit.starlette import App

from assistant.web import page
from assistant.web.server import start

if __name__ == "__main__":  # run as a script
    page.main()
else:  # imported by the server that is to serve it
    app = App(start.SCRIPT, middleware=start.guards(), lifespan=start.told)
