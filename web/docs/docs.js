/** Shows this controller's own description of its API; nothing is asked of anybody else. */
window.SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#operations',
  deepLinking: true,
  docExpansion: 'none',
  filter: true,
  validatorUrl: null,
});
