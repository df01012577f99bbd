import os
from types import SimpleNamespace

from django.urls import include, path

urlpatterns = [path("scim/v2/", include("django_scim.urls", namespace="scim"))]


def bearer(get_response):
    """Whoever bears the token is somebody; nobody else is."""

    def answer(request):
        known = request.headers.get("Authorization") == "Bearer " + os.environ["ACCEPTANCE_BACKEND_TOKEN"]
        request.user = SimpleNamespace(is_authenticated=known, is_anonymous=not known)
        return get_response(request)

    return answer
