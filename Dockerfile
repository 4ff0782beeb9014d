# The site, ready to serve: docker build -t k20kg . && docker run -p 8020:8020 k20kg
FROM python:3.12-slim
RUN apt-get update && apt-get install -y --no-install-recommends fonts-dejavu-core && rm -rf /var/lib/apt/lists/*
COPY . /src
# what is worked out once is kept beside the code, where k20kg may not write
RUN pip install --no-cache-dir '/src[web,office]' && useradd --create-home k20kg && k20kg validate lamsig > /dev/null
USER k20kg
WORKDIR /home/k20kg
EXPOSE 8020
HEALTHCHECK CMD python -c "import urllib.request as r; r.urlopen('http://127.0.0.1:8020/health')"
CMD ["k20kg", "serve", "--host", "0.0.0.0"]
