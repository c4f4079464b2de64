// The portal starts here.
import { mount } from "svelte";
import App from "./App.svelte";
import "./style/type.css";
import "./style/tokens.css";
import "./style/ground.css";

const target = document.getElementById("portal");
if (!target) throw new Error("index.html lost its #portal");
export default mount(App, { target });
