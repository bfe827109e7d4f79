"""The page, for ``streamlit run app.py``; ``assistant web`` starts it as well."""

from streamlit.starlette import App

from assistant import web_page, web_server

if __name__ == "__main__":  # run as a script
    web_page.main()
else:  # imported by the server that is to serve it
    app = App(web_server.SCRIPT, middleware=web_server.guards(), lifespan=web_server.told)
