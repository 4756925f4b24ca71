/** The choice of a project, and the making of one. */
import { byId, say, show } from './dom.js';
import { sentence } from './messages.js';

const kept = (userId) => `audiostore.projects.${userId}`; // for days without a network

/** Event: `chosen`, when `id` is another. */
export class Projects extends EventTarget {
  id = '';
  #store;
  #userId = '';
  #projects = [];

  /** @param {import('./audiostore.js').AudioStore} store */
  constructor(store) {
    super();
    this.#store = store;
    byId('project').addEventListener('change', ({ target }) => this.#choose(target.value));
    byId('new-project').addEventListener('click', () => this.#ask(true));
    byId('project-cancel').addEventListener('click', () => this.#ask(false));
    byId('project-form').addEventListener('submit', (event) => this.#create(event));
    byId('project-form').addEventListener('keydown', (event) => event.key === 'Escape' && this.#projects.length && this.#ask(false));
  }

  /** What is known without asking. @param {string} userId */
  open(userId) {
    this.#userId = userId;
    this.id = '';
    byId('project-form').hidden = true; // somebody else may have left it open
    byId('project-name').value = '';
    const { projects = [], id = '' } = JSON.parse(localStorage.getItem(kept(userId)) ?? '{}');
    this.#set(projects, id);
  }

  async refresh() {
    this.#set(await this.#store.projects(), this.id);
    if (!this.#projects.length) this.#ask(true, false);
  }

  #set(projects, id) {
    this.#projects = projects;
    byId('project').replaceChildren(...projects.map((project) => new Option(project.name, project.id)));
    byId('project-choice').hidden = !projects.length || !byId('project-form').hidden;
    const chosen = projects.find((project) => project.id === id) ?? projects[0];
    this.#choose(chosen?.id ?? '');
  }

  #choose(id) {
    const changed = id !== this.id;
    this.id = id;
    byId('project').value = id;
    localStorage.setItem(kept(this.#userId), JSON.stringify({ projects: this.#projects, id }));
    if (changed) this.dispatchEvent(new Event('chosen'));
  }

  #ask(open, focus = true) {
    byId('project-form').hidden = !open;
    byId('project-choice').hidden = open;
    byId('project-cancel').hidden = !this.#projects.length;
    show(byId('project-problem'), '');
    if (focus) byId(open ? 'project-name' : 'new-project').focus();
  }

  async #create(event) {
    event.preventDefault();
    const field = byId('project-name');
    if (!field.value.trim()) return show(byId('project-problem'), 'Give the project a name.');
    try {
      const project = await this.#store.createProject(field.value.trim());
      field.value = '';
      this.#ask(false, false);
      this.#set([project, ...this.#projects], project.id);
      say(`Project ${project.name} made.`);
      byId('record').focus();
    } catch (error) {
      show(byId('project-problem'), sentence(error));
    }
  }
}
