export default {
  title: "Kettle",
  head: [["script", { src: "https://help.example.com/widget.js?mode=button", defer: "" }]],
};
