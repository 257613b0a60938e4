export default {
  title: "Kettle",
  url: "https://docs.example.com",
  baseUrl: "/",
  scripts: [{ src: "https://help.example.com/widget.js?mode=button", defer: true }],
  presets: [["classic", { docs: { routeBasePath: "/" }, blog: false }]],
};
