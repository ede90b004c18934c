"""A web application that logs its users in with an OpenID provider: Flask and Authlib, unmodified.

Arguments: PORT ISSUER CLIENT_ID CLIENT_SECRET SCOPE. Prints `ready` when it listens.
  /        the claims of whoever is logged in, as JSON; {} before the login
  /login   begins a login: code flow, PKCE S256, state and nonce by Authlib
"""

import os
import secrets
import sys

from authlib.integrations.flask_client import OAuth
from flask import Flask, jsonify, session, url_for

# Authlib refuses plain HTTP; here everything is on the loopback interface.
os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"
port, issuer, client_id, client_secret, scope = sys.argv[1:]

app = Flask(__name__)
app.secret_key = secrets.token_bytes(32)
oauth = OAuth(app)
oauth.register(
    "picomesh",
    client_id=client_id,
    client_secret=client_secret,
    server_metadata_url=f"{issuer}/.well-known/openid-configuration",
    client_kwargs={"scope": scope, "code_challenge_method": "S256"},
)


@app.get("/")
def home():
    return jsonify(session.get("login", {}))


@app.get("/login")
def login():
    return oauth.picomesh.authorize_redirect(url_for("callback", _external=True))


@app.get("/callback")
def callback():
    """Authlib checks state, code, PKCE, the token's signature, issuer, audience, times and nonce."""
    token = oauth.picomesh.authorize_access_token()
    claims = dict(token["userinfo"])
    session["login"] = {"id_token": claims, "userinfo": dict(oauth.picomesh.userinfo(token=token))}
    return "<h1 id=logged-in>logged in</h1>"


@app.errorhandler(Exception)
def failed(error):
    app.logger.exception("login failed")
    return f"<h1 id=failed>{type(error).__name__}: {error}</h1>", 500


if __name__ == "__main__":
    from werkzeug.serving import make_server

    server = make_server("127.0.0.1", int(port), app, threaded=True)
    print("ready", flush=True)
    server.serve_forever()
